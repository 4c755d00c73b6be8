// What the Swift overlay of the C library leaves out.
#pragma once
#include <malloc.h>

/// Keeps freed blocks up to `block` bytes for reuse, `total` bytes of them.
static inline void process_keep_freed_memory(int block, int total) {
  mallopt(M_MMAP_THRESHOLD, block);
  mallopt(M_TRIM_THRESHOLD, total);
}

#include <sys/vfs.h>

/// The kind of file system that a path is on, as statfs(2) numbers them; 0 where nobody knows.
static inline unsigned long process_file_system(const char *path) {
  struct statfs status;
  return statfs(path, &status) == 0 ? (unsigned long)status.f_type & 0xFFFFFFFFul : 0;
}

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/// A descriptor that stands for a process, whatever becomes of its number; below 0 where there is no
/// such process.
static inline int process_open(int process) {
  return (int)syscall(SYS_pidfd_open, process, 0u);
}

/// Sends a signal to the process of such a descriptor; 0 when it was sent.
static inline int process_signal(int descriptor, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, (void *)0, 0u);
}

/// Opens a file that has no name and vanishes when it is closed; -1 and errno where that fails.
int process_open_unnamed(const char *directory);

/// Opens a file that lives in memory; -1 and errno where that fails.
int process_open_memory(void);

/// Gives a pipe room for that many bytes, if it may have it.
void process_widen_pipe(int descriptor, int bytes);
