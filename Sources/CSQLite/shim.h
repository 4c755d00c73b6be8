#include <sqlite3.h>

/* Swift cannot call functions with a variable number of arguments. */
static inline int sqlite3_shim_refuse_quoted_strings(sqlite3 *database) {
  return sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, (int *)0);
}
