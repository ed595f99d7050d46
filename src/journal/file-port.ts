/**
 * The little that this room needs of a disk. Every method rejects with an error that carries the system's `code`
 * (`ENOENT`, `ENOSPC`, `EIO`, …).
 */
export interface FilePort {
  /** Opens a file that is there, to write at its end. */
  append(path: string): Promise<AppendFile>
  /** Cuts a file that is there. */
  truncate(path: string, length: number): Promise<void>
  /** The names in a directory, in no order. */
  list(directory: string): Promise<readonly string[]>
  read(path: string): Promise<Uint8Array>
  /** Length of a file, in bytes. */
  size(path: string): Promise<number>
  /** Bytes that may still be written on the disk that a directory is on. */
  free(directory: string): Promise<number>
  /**
   * Makes a new file (`EEXIST` where there is one), writes it and syncs it. After a rejection a part of it may be
   * there. Its name is durable only after `syncDirectory`.
   */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** Replaces what has the name `to`. */
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  /** Makes the names in a directory durable. */
  syncDirectory(directory: string): Promise<void>
  /** Makes a directory that only its owner may enter, durably, with the parents it lacks; one that is there stays as it is. */
  makeDirectory(directory: string): Promise<void>
}

/** A file that is only ever written at its end, by one writer and one call at a time. */
export interface AppendFile {
  /** After a rejection any part of the bytes may be there. */
  write(bytes: Uint8Array): Promise<void>
  /** What was written is durable. After a rejection nobody can say what is, whatever a later call returns. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** The system's code of a failed call; `otherwise` where it was no call of the system that failed. */
export const errorCode = (error: unknown, otherwise = 'EIO'): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : otherwise

/** What a failed call says, for people. */
export const errorMessage = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** Removes a file that is not needed any more: where that fails, or it is gone, only space is at stake. */
export const discard = (files: FilePort, path: string): Promise<void> =>
  files.unlink(path).catch(() => {})

/** Makes a file durable under its name, or replaces the one that has it; a crash between any two steps leaves all of it or nothing. */
export async function writeWhole(
  files: FilePort,
  directory: string,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const temporary = `${path}.tmp`
  await discard(files, temporary)
  try {
    await files.write(temporary, bytes)
    await files.rename(temporary, path)
    await files.syncDirectory(directory)
  } catch (error) {
    await discard(files, temporary)
    throw error
  }
}

/** The names in a directory; none where it is not there: writing into it will say so, where that is wanted. */
export async function namesIn(files: FilePort, directory: string): Promise<readonly string[]> {
  try {
    return await files.list(directory)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}
