package io.relaunchguard.it.benchmark;

import com.sun.jna.Native;
import java.io.IOException;

/** A process that is nobody's child here, as an old instance is to the launcher that waits for it. */
final class Orphan implements AutoCloseable {

    private static final int SIGKILL = 9;

    private final ProcessHandle handle;

    private Orphan(ProcessHandle handle) {
        this.handle = handle;
    }

    static Orphan start() throws IOException {
        Process shell = new ProcessBuilder("/bin/sh", "-c", "sleep 600 </dev/null >/dev/null 2>&1 & echo $!").start();
        String pid = shell.inputReader().readLine();
        return new Orphan(ProcessHandle.of(Long.parseLong(pid)).orElseThrow());
    }

    long pid() {
        return handle.pid();
    }

    ProcessHandle handle() {
        return handle;
    }

    /** By the system call alone: whatever else {@code destroyForcibly} does is not measured. */
    void kill() {
        LibC.kill((int) handle.pid(), SIGKILL);
    }

    @Override
    public void close() {
        handle.destroyForcibly();
    }

    /** Mapped directly: the time is taken before the call, so that whatever stands before the kernel is measured, too. */
    private static final class LibC {

        static {
            Native.register("c");
        }

        private LibC() {}

        static native int kill(int pid, int signal);
    }
}
