/*
 * A disk whose every sync takes 2 ms longer, for programs that are started with this in LD_PRELOAD:
 *
 *   cc -shared -fPIC -o slow-fsync.so slow-fsync.c -ldl
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static void delay(void) {
  const struct timespec two_ms = {0, 2 * 1000 * 1000};
  nanosleep(&two_ms, 0);
}

int fsync(int file) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  const int result = real(file);
  delay();
  return result;
}

int fdatasync(int file) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  const int result = real(file);
  delay();
  return result;
}
