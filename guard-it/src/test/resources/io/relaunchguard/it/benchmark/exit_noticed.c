/* From SIGKILL to a process until a thread that sleeps in poll(2) on its pidfd has noticed: milliseconds, a line each. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

static void *wait_for_exit(void *pidfd) {
  static long noticed;
  struct pollfd polled = {.fd = *(int *)pidfd, .events = POLLIN};
  if (poll(&polled, 1, -1) != 1) {
    perror("poll");
    exit(1);
  }
  noticed = now();
  return &noticed;
}

int main(int argc, char **argv) {
  int samples = argc == 2 ? atoi(argv[1]) : 0;
  for (int i = -5; i < samples; i++) {
    pid_t child = fork();
    if (child == 0) {
      execlp("sleep", "sleep", "600", (char *)NULL);
      _exit(127);
    }
    int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
    if (child < 0 || pidfd < 0) {
      perror("pidfd_open");
      return 1;
    }
    pthread_t thread;
    pthread_create(&thread, NULL, wait_for_exit, &pidfd);
    usleep(50000);
    long killed = now();
    kill(child, SIGKILL);
    void *noticed;
    pthread_join(thread, &noticed);
    if (i >= 0) {
      printf("%.6f\n", (double)(*(long *)noticed - killed) / 1e6);
    }
    waitpid(child, NULL, 0);
    close(pidfd);
  }
  return 0;
}
