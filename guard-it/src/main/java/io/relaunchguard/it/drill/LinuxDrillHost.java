package io.relaunchguard.it.drill;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.relaunchguard.core.lock.SingletonLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** By signals and prctl(2). */
final class LinuxDrillHost implements DrillHost {

    private static final int SIGKILL = 9;
    private static final int SIGTERM = 15;
    private static final int SIGSTOP = 19;
    private static final Pointer SIG_IGN = Pointer.createConstant(1);
    private static final int PR_SET_PDEATHSIG = 1;

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
        LibC.INSTANCE.raise(SIGSTOP);
    }

    @Override
    public void ignoreTerm() {
        LibC.INSTANCE.signal(SIGTERM, SIG_IGN);
    }

    @Override
    public void endWithParent() {
        LibC.INSTANCE.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    }

    @Override
    public void becomeUser(int uid) {
        if (LibC.INSTANCE.setresuid(uid, uid, uid) != 0) {
            throw new IllegalStateException("this process cannot become user " + uid);
        }
    }

    private interface LibC extends Library {

        LibC INSTANCE = Native.load("c", LibC.class);

        int getpid();

        int raise(int signal);

        Pointer signal(int signal, Pointer handler);

        int prctl(int option, long a, long b, long c, long d);

        int setresuid(int real, int effective, int saved);
    }
}
