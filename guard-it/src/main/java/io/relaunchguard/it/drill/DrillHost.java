package io.relaunchguard.it.drill;

import io.relaunchguard.core.lock.SingletonLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The functions of this operating system for a drill: what a holder does to itself, and how to stop a started browser.
 */
interface DrillHost {

    /** Returns the implementation for this host. */
    static DrillHost current() {
        String name = System.getProperty("os.name", "");
        if (name.startsWith("Windows")) {
            return new WindowsDrillHost();
        }
        return name.equals("Mac OS X") ? new MacosDrillHost() : new LinuxDrillHost();
    }

    /** Returns the operating system and its kernel, in words. */
    String system();

    /**
     * Returns whether this is a POSIX system, on which a lock names a host, an exited process may stay a zombie, and
     * root can become another user.
     */
    boolean isPosix();

    /**
     * Takes the lock of a profile as a browser does. On Windows the lock can only be this process's. Returns the action
     * that releases it.
     */
    Runnable takeLock(Path profile, SingletonLock lock) throws IOException;

    /** Returns how a launch must end beside a holder that consented and is stopped. */
    String endOfStopped();

    /** Loads what {@link #stop()} needs, so that it takes no time then. */
    void prepareToStop();

    /** Stops this process until another process resumes it. */
    void stop();

    /** Stops a process that this one has started and has not waited for. */
    void stop(Process child) throws IOException;

    /** Returns whether one thread of a process can be kept from running while its others go on. */
    boolean canHang();

    /**
     * Keeps the first thread of a process from running until this process ends. Call it from this process's own first
     * thread.
     */
    void hang(long pid) throws IOException;

    /** Ignores requests to end from now on. */
    void ignoreTerm();

    /** Makes this process end when the drill ends, however the drill ends: a stopped holder could not see that. */
    void endWithParent();

    /** Returns the account that owns nothing. */
    int nobody();

    /** Becomes another user, for good. */
    void becomeUser(int uid);

    /** Returns the paths where a browser usually is. */
    List<Path> browsers();
}
