/* Makes fsync and fdatasync fail with EIO while the file named by MOLOKO_TEST_FSYNC_FAILS exists. Loaded by LD_PRELOAD; built by
   disk.mjs. Only files whose name ends in .db or .db-wal are hit: the question is what a lost commit does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int file) {
  const char *sign = getenv("MOLOKO_TEST_FSYNC_FAILS");
  char link[64], name[4096];
  if (!sign || access(sign, F_OK) != 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, name, sizeof name - 1);
  if (length < 0) return 0;
  name[length] = 0;
  return strstr(name, ".db") != NULL;
}

int fsync(int file) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  if (fails(file)) { errno = EIO; return -1; }
  return real(file);
}

int fdatasync(int file) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  if (fails(file)) { errno = EIO; return -1; }
  return real(file);
}
