package io.relaunchguard.platform.windows;

/**
 * The process that has a file open.
 *
 * @param created when the process was created, as a FILETIME: the PID alone may belong to another process by now
 */
record Holder(long pid, long created) {}
