import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { temporaryDirectory } from './temporary-directory.js'
import { withoutProgram } from './without-program.js'

/**
 * Loaded before the C library: while the file that `HANG_DISK` names is there no sync returns, and with `HANG_NAMES` no
 * look-up. Each of those that hangs leaves a file beside that, with its name behind.
 */
const SOURCE = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void hang(const char *variable) {
    const char *file = getenv(variable);
    while (file && access(file, F_OK) == 0) usleep(10000);
}

int fsync(int fd) {
    hang("HANG_DISK");
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd) {
    hang("HANG_DISK");
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
    const char *file = getenv("HANG_NAMES");
    if (file && node && access(file, F_OK) == 0) {
        char asked[4096];
        snprintf(asked, sizeof asked, "%s.%s", file, node);
        close(open(asked, O_CREAT | O_WRONLY, 0600));
    }
    hang("HANG_NAMES");
    return ((int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(
        RTLD_NEXT, "getaddrinfo"))(node, service, hints, result);
}
`

type Hanging = 'HANG_DISK' | 'HANG_NAMES'

export const withoutCompiler = (): boolean => withoutProgram('gcc', 'gcc')

/** A system whose disk and name server answer a process or do not, as the test likes. */
export class HangingSystem {
  /** To be given to the process. */
  readonly env: Readonly<Record<'LD_PRELOAD' | Hanging, string>>

  constructor() {
    const directory = temporaryDirectory('alec-hanging-')
    const source = join(directory, 'hang.c')
    const library = join(directory, 'hang.so')
    writeFileSync(source, SOURCE)
    const flags = ['-shared', '-fPIC', '-Wall', '-Werror']
    const { status, stderr } = spawnSync('gcc', [...flags, source, '-o', library, '-ldl'], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`the library cannot be made: ${stderr}`)
    this.env = {
      LD_PRELOAD: library,
      HANG_DISK: join(directory, 'disk-hangs'),
      HANG_NAMES: join(directory, 'names-hang'),
    }
  }

  /** The names that it was asked for and has not answered. */
  get unanswered(): string[] {
    const { HANG_NAMES } = this.env
    const before = `${basename(HANG_NAMES)}.`
    return readdirSync(dirname(HANG_NAMES))
      .filter((file) => file.startsWith(before))
      .map((file) => file.slice(before.length))
  }

  /** From now on it does not answer. */
  hang(what: Hanging): void {
    writeFileSync(this.env[what], '')
  }
}
