/** What Step Functions refuses, by the type that the SDK's clients know it by. */
export type RefusalType =
  | 'ExecutionAlreadyExists'
  | 'ExecutionDoesNotExist'
  | 'InvalidArn'
  | 'InvalidExecutionInput'
  | 'InvalidName'
  | 'InvalidToken'
  | 'SerializationException'
  | 'StateMachineDoesNotExist'
  | 'StateMachineTypeNotSupported'
  | 'UnknownOperationException'
  | 'ValidationException';

export class Refusal extends Error {
  readonly type: RefusalType;

  constructor(type: RefusalType, message: string) {
    super(message);
    this.name = 'Refusal';
    this.type = type;
  }
}
