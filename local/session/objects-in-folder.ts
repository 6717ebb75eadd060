/** Objects as files below the working directory: `s3/<bucket>/<name>` is what would be `s3://<bucket>/<name>`. */
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ObjectsAt } from '../../functions/ports/objects.ts';

const folder = 's3';
let tries = 0;

export const objectsInFolder: ObjectsAt = ({ bucket }) => ({
  async putIfAbsent({ key, body }) {
    const file = path.resolve(folder, bucket, ...key.split('/'));
    await mkdir(path.dirname(file), { recursive: true });
    // A name is given to what is whole, or a file that a crash cut off would stand for it.
    tries += 1;
    const whole = `${file}.${process.pid}-${tries}.part`;
    try {
      await writeFile(whole, body);
      await link(whole, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await rm(whole, { force: true });
    }
  },
});
