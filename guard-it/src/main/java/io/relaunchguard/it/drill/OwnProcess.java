package io.relaunchguard.it.drill;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** What a drill's holder does to itself, and to no other process. */
final class OwnProcess {

    private static final int SIGKILL = 9;
    private static final int SIGTERM = 15;
    private static final int SIGSTOP = 19;
    private static final Pointer SIG_IGN = Pointer.createConstant(1);
    private static final int PR_SET_PDEATHSIG = 1;

    private OwnProcess() {}

    /** Loads what {@link #stop} needs, so that it takes no time then. */
    static void prepareToStop() {
        LibC.INSTANCE.getpid();
    }

    /** Stops this process until somebody resumes it. */
    static void stop() {
        LibC.INSTANCE.raise(SIGSTOP);
    }

    /** Takes no notice of SIGTERM from now on. */
    static void ignoreTerm() {
        LibC.INSTANCE.signal(SIGTERM, SIG_IGN);
    }

    /** Lets the kernel end this process when the drill ends, however that ends: a stopped holder could not see it. */
    static void endWithParent() {
        LibC.INSTANCE.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    }

    /** Becomes another user, for good. */
    static void becomeUser(int uid) {
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
