package io.relaunchguard.it.drill;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.relaunchguard.core.lock.SingletonLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The drill's host on a POSIX system. It works with signals. */
abstract class PosixDrillHost implements DrillHost {

    private static final int SIGTERM = 15;
    private static final Pointer SIG_IGN = Pointer.createConstant(1);

    private final int sigstop;

    /** Creates the host with the number that SIGSTOP has there. */
    PosixDrillHost(int sigstop) {
        this.sigstop = sigstop;
    }

    @Override
    public boolean isPosix() {
        return true;
    }

    @Override
    public Runnable takeLock(Path profile, SingletonLock lock) throws IOException {
        Files.createSymbolicLink(profile.resolve(SingletonLock.FILE_NAME), Path.of(lock.target()));
        return () -> {};
    }

    @Override
    public String endOfStopped() {
        return "READY, sent TERM CONT";
    }

    @Override
    public void prepareToStop() {
        LibC.INSTANCE.getpid();
    }

    @Override
    public void stop() {
        LibC.INSTANCE.raise(sigstop);
    }

    /** Stops a child. Its PID belongs to it as long as no process has waited for it. */
    @Override
    public void stop(Process child) throws IOException {
        if (!child.isAlive() || LibC.INSTANCE.kill((int) child.pid(), sigstop) != 0) {
            throw new IOException("process %d cannot be stopped".formatted(child.pid()));
        }
    }

    @Override
    public void ignoreTerm() {
        LibC.INSTANCE.signal(SIGTERM, SIG_IGN);
    }

    @Override
    public void becomeUser(int uid) {
        if (LibC.INSTANCE.setgid(uid) != 0 || LibC.INSTANCE.setuid(uid) != 0) {
            throw new IllegalStateException("this process cannot become user " + uid);
        }
    }

    /** The functions that Linux and macOS share. For root, setuid(2) sets all IDs of a process. */
    private interface LibC extends Library {

        LibC INSTANCE = Native.load("c", LibC.class);

        int getpid();

        int raise(int signal);

        int kill(int pid, int signal);

        Pointer signal(int signal, Pointer handler);

        int setgid(int gid);

        int setuid(int uid);
    }
}
