package io.relaunchguard.it.drill;

import io.relaunchguard.core.lock.SingletonLock;
import java.io.IOException;
import java.nio.file.Path;

/** What a drill's holder does to itself, and to no other process, in the way of this operating system. */
interface DrillHost {

    /** That of this host. */
    static DrillHost current() {
        return isWindows() ? new WindowsDrillHost() : new LinuxDrillHost();
    }

    /** Whether this is Windows; there a lock names no host, nobody is a zombie, and nobody becomes another user. */
    static boolean isWindows() {
        return System.getProperty("os.name", "").startsWith("Windows");
    }

    /** Takes the lock of a profile as a browser does; on Windows it can only be this process's. Returns how to let go. */
    Runnable takeLock(Path profile, SingletonLock lock) throws IOException;

    /** How a launch must end beside a holder that consented and is stopped. */
    String endOfStopped();

    /** Loads what {@link #stop} needs, so that it takes no time then. */
    void prepareToStop();

    /** Stops this process until somebody resumes it. */
    void stop();

    /** Takes no notice of a request to end from now on. */
    void ignoreTerm();

    /** Has this process ended when the drill ends, however that ends: a stopped holder could not see it. */
    void endWithParent();

    /** Becomes another user, for good. */
    void becomeUser(int uid);
}
