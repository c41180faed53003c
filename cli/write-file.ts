/** Replaces a file's content so that a crash leaves either the old or the new one, never half of each. */
import { randomBytes } from 'node:crypto';
import { chmod, chown, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

async function writeWhole(path: string, flags: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Writes `bytes` over an existing file. A symbolic link stays and its target changes; mode and owner stay. Where a
 * rename would cut a hard link or take the file from its owner, or the folder takes no new file, it is written in place.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const target = await realpath(path);
  const before = await stat(target);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  if (before.nlink === 1) {
    try {
      await writeWhole(temporary, 'wx', bytes);
      await chmod(temporary, before.mode);
      const made = await stat(temporary);
      if (made.uid !== before.uid || made.gid !== before.gid) await chown(temporary, before.uid, before.gid);
      // A rename needs no right to write the file itself: a read-only file must stay as it is.
      await (await open(target, 'r+')).close();
      await rename(temporary, target);
      return;
    } catch (error) {
      await rm(temporary, { force: true });
      if (!isPermission(error)) throw error;
    }
  }
  await writeWhole(target, 'w', bytes);
}

/** Writes a file, new or not. */
export async function putFile(file: string, content: string): Promise<void> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (isThere) await replaceFile(file, Buffer.from(content));
  else await writeFile(file, content);
}

const isPermission = (error: unknown) =>
  error instanceof Error && 'code' in error && ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code));
