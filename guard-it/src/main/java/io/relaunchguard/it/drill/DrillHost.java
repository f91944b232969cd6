package io.relaunchguard.it.drill;

import io.relaunchguard.core.lock.SingletonLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What a drill needs of this operating system: what a holder does to itself, and how a started browser is stopped. */
interface DrillHost {

    /** That of this host. */
    static DrillHost current() {
        String name = System.getProperty("os.name", "");
        if (name.startsWith("Windows")) {
            return new WindowsDrillHost();
        }
        return name.equals("Mac OS X") ? new MacosDrillHost() : new LinuxDrillHost();
    }

    /** The operating system and its kernel, in words. */
    String system();

    /** Whether a lock names a host, an exited process may stay a zombie, and root can become another user. */
    boolean isPosix();

    /** Takes the lock of a profile as a browser does; on Windows it can only be this process's. Returns how to let go. */
    Runnable takeLock(Path profile, SingletonLock lock) throws IOException;

    /** How a launch must end beside a holder that consented and is stopped. */
    String endOfStopped();

    /** Loads what {@link #stop()} needs, so that it takes no time then. */
    void prepareToStop();

    /** Stops this process until somebody resumes it. */
    void stop();

    /** Stops a process that this one has started and has not waited for. */
    void stop(Process child) throws IOException;

    /** Whether one thread of a process can be kept from running while its others go on. */
    boolean canHang();

    /** Keeps the first thread of a process from running until this process ends; from its own first thread. */
    void hang(long pid) throws IOException;

    /** Takes no notice of a request to end from now on. */
    void ignoreTerm();

    /** Has this process ended when the drill ends, however that ends: a stopped holder could not see it. */
    void endWithParent();

    /** The account that owns nothing. */
    int nobody();

    /** Becomes another user, for good. */
    void becomeUser(int uid);

    /** Where a browser is usually found. */
    List<Path> browsers();
}
