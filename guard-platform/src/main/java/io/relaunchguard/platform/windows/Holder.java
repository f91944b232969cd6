package io.relaunchguard.platform.windows;

/**
 * The process that has a file open.
 *
 * @param created when it was created, as a FILETIME: its id alone may be another process's by now
 */
record Holder(long pid, long created) {}
