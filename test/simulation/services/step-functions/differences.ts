/**
 * Where the local runner (local/driver/state-machine-runner.ts) and the simulated Step Functions differ. The simulated ones
 * follow what AWS documents; the product's definition depends on none of this. Each is shown by a test.
 */
export type Difference = {
  readonly name: string;
  readonly local: string;
  readonly simulated: string;
  readonly reason: string;
};

export const differences = [
  {
    name: 'execution that takes too long',
    local: 'has failed with States.Timeout',
    simulated: 'has the status TIMED_OUT and no error',
    reason: 'the runner tells only success, failure and abort apart',
  },
  {
    name: 'five minutes of an Express execution',
    local: 'are no limit: only TimeoutSeconds is',
    simulated: 'end it, whatever TimeoutSeconds allows',
    reason: 'the definition ends itself before that',
  },
  {
    name: 'end of a long history',
    local: 'counts the event of its end, and fails after the fact if that is the 25,000th',
    simulated: 'does not count it, but counts a state as left when it begins',
    reason: 'AWS does not say how it comes to the last event; executions rotate long before',
  },
  {
    name: 'causes of own errors',
    local: 'are in the words of the interpreter',
    simulated: 'are in words of their own',
    reason: 'AWS documents the names of these errors only',
  },
  {
    name: 'order of iterations',
    local: 'begin in the order of their items',
    simulated: 'begin in any order, if they may run at the same time',
    reason: 'AWS promises none',
  },
  {
    name: 'iterations that wait for their turn',
    local: 'begin even if another has failed',
    simulated: 'never begin then',
    reason: 'the interpreter ends only iterations that have begun; the loop has one wave of them',
  },
  {
    name: 'retries of other iterations',
    local: 'go on at once when one has failed, as long as the execution runs',
    simulated: 'do not happen any more',
    reason: 'the interpreter ends their wait and not their task; the loop fails with its map',
  },
  {
    name: 'item in the context of an iteration',
    local: 'is known to ItemSelector only',
    simulated: 'is known to all states of the iteration',
    reason: 'the interpreter runs an iteration as an execution of its own',
  },
  {
    name: 'start in the context of an iteration',
    local: 'is the start of the iteration',
    simulated: 'is the start of the execution',
    reason: 'the interpreter runs an iteration as an execution of its own',
  },
  {
    name: 'state in the context',
    local: 'is entered anew with each try, of which none is counted',
    simulated: 'is entered once, and counts its retries',
    reason: 'the interpreter knows no state in the context, so the runner says the time',
  },
  {
    name: 'States.TaskFailed of a map',
    local: 'matches nothing in a Catch of a map',
    simulated: 'matches any error but States.Timeout there, too',
    reason: 'AWS documents it for a retry or catch, whatever the state',
  },
  {
    name: 'empty results',
    local: 'of a Pass state are taken for none: false, 0, null and an empty text',
    simulated: 'are results',
    reason: 'a shortcut of the interpreter',
  },
  {
    name: 'result in place of everything',
    local: 'is put under the name $ if ResultPath is $',
    simulated: 'replaces the input',
    reason: 'the interpreter knows $ only by leaving ResultPath out',
  },
  {
    name: 'result where no object is',
    local: 'takes the place of what is there, unless that is the whole input',
    simulated: 'is States.ResultPathMatchFailure',
    reason: 'AWS names the error without an example: whoever relies on either is to be found out',
  },
  {
    name: 'nothing at the root',
    local: 'cannot be read: $ of null, 0, false and an empty text is States.Runtime',
    simulated: 'is a value as any other',
    reason: 'the interpreter cannot tell these from a path that leads nowhere',
  },
  {
    name: 'insides of lists and texts',
    local: 'have a path: their length, the items of a list by number',
    simulated: 'have none: States.Runtime',
    reason: 'the interpreter takes them for objects of JavaScript',
  },
  {
    name: 'intrinsics that cannot work',
    local: 'are States.Runtime, which nothing catches',
    simulated: 'are States.IntrinsicFailure',
    reason: 'AWS has a name for them',
  },
  {
    name: 'times of a wait',
    local: 'are whatever JavaScript reads; what it does not read is an error that a map catches',
    simulated: 'are in the form of RFC 3339; anything else is States.Runtime',
    reason: 'the runner waits by a task of its own',
  },
  {
    name: 'names that are not for functions',
    local: 'are those of ordinary errors if a function throws them',
    simulated: 'are those of the service, whoever throws them',
    reason: 'AWS reserves names that begin with States.',
  },
  {
    name: 'what the product does not use',
    local: 'runs as far as the interpreter knows it: other fields, states, paths and intrinsics',
    simulated: 'is refused at the start',
    reason: 'to be simulated is to be compared first',
  },
] as const satisfies readonly Difference[];

export type DifferenceName = (typeof differences)[number]['name'];
