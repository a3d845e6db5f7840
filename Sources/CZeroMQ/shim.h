// ZeroMQ, and the system calls that Swift's Glibc does not have: threads, waking a thread, ending with the parent.
#pragma once
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <zmq.h>

/// A descriptor that can be read after it was written: wakes a thread that polls.
static inline int microfold_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// Lets the kernel kill this process when the thread that started it ends. Holds over execve.
static inline int microfold_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL); }

/// Names the calling thread for `ps -L` and core files; at most 15 bytes.
static inline void microfold_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

/// Starts a thread that nobody waits for; 0 where it runs.
static inline int microfold_start_thread(size_t stack, void *(*body)(void *), void *argument) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  int code = pthread_create(&thread, &attributes, body, argument);
  pthread_attr_destroy(&attributes);
  return code;
}
