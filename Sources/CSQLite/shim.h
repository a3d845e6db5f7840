// SQLite as Swift can call it: SQLITE_TRANSIENT is a cast that Swift does not see, so binding that copies stands here.
#pragma once
#include <sqlite3.h>

/// Binds a copy of UTF-8 text.
static inline int microfold_sqlite_bind_text(sqlite3_stmt *statement, int place, const char *text, int count) {
  return sqlite3_bind_text(statement, place, text, count, SQLITE_TRANSIENT);
}

/// Binds a copy of bytes; an empty array is an empty blob and not NULL.
static inline int microfold_sqlite_bind_blob(sqlite3_stmt *statement, int place, const void *bytes, int count) {
  return count == 0 ? sqlite3_bind_zeroblob(statement, place, 0)
                    : sqlite3_bind_blob(statement, place, bytes, count, SQLITE_TRANSIENT);
}

#include <sys/vfs.h>

/// The `f_type` of the file system that holds a path; 0 where it cannot be found out. (Swift's Glibc lacks statfs.)
static inline long microfold_file_system_type(const char *path) {
  struct statfs found;
  return statfs(path, &found) == 0 ? (long)found.f_type : 0;
}
