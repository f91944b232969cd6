package io.relaunchguard.platform.macos;

import com.sun.jna.LastErrorException;

/**
 * The calls to the kernel of macOS, without any interpretation of their results. Each throws {@link LastErrorException}
 * with the errno, unless it says otherwise. Tests replace this interface, so that all code above it runs on any system.
 */
interface Xnu {

    int ESRCH = 3;
    int EWOULDBLOCK = 35;

    /**
     * Returns the result of proc_pidinfo, at most {@code size} bytes.
     *
     * @param flavor the kind of information, a constant of {@code sys/proc_info.h}
     * @param argument for the flavors used here: 1 finds zombies too, 0 does not
     */
    byte[] processInfo(int pid, int flavor, long argument, int size);

    /** Returns the result of proc_pidfdinfo for a file of a process. */
    byte[] fileInfo(int pid, int descriptor, int flavor, int size);

    /** Returns the result of proc_pid_rusage. */
    byte[] usage(int pid, int flavor, int size);

    /** Returns the path of the program of a process, from proc_pidpath. */
    String executable(int pid);

    /** Returns the PIDs of all processes, from proc_listallpids. */
    int[] processes();

    /** Returns the session of a process, from getsid(2). */
    int session(int pid);

    /** Returns whether this system has proc_signal_with_audittoken: macOS 14.2 and newer. */
    boolean signalsExactly();

    /**
     * Sends a signal with proc_signal_with_audittoken: to the process that has this PID in this version, or to none.
     *
     * @return 0, or the errno: ESRCH if there is no such process any more
     */
    int signal(int pid, int version, int signal);

    /**
     * Creates a kqueue that reports the exit of the process with this PID; ESRCH if it is about to exit, or is a
     * zombie.
     */
    Queue exitQueue(int pid);

    /** Creates a kqueue that reports changes in a directory. */
    Queue directoryQueue(String directory);

    /** Returns whether the event of a queue has occurred since the last call. */
    boolean poll(Queue queue);

    /** Waits for the event or for {@link #wake}, and returns whether the event has occurred. */
    boolean await(Queue queue);

    /** Ends a wait. */
    void wake(Queue queue);

    /** Closes a queue and its descriptors. */
    void close(Queue queue);

    /**
     * Opens a directory and locks it with flock(2); EWOULDBLOCK if another lock excludes this one.
     *
     * @return the descriptor that the lock belongs to
     */
    int lockDirectory(String directory, int operation);

    /** Closes a descriptor. */
    void close(int descriptor);

    /** Returns a text from sysctlbyname. */
    String systemText(String name);

    /** Returns the 16 bytes of gethostuuid(2). */
    byte[] hostUuid();

    /** Returns the buffer that gethostname(2) fills. */
    byte[] hostName(int size);

    /** Returns mach_continuous_time in ticks, which advances while the machine sleeps. */
    long continuousTicks();

    /** Returns the result of mach_timebase_info: how to convert the ticks of clocks and CPU times to nanoseconds. */
    Timebase timebase();

    /** Returns the text for an errno. */
    String meaning(int errno);

    /**
     * A kqueue.
     *
     * @param watched the descriptor of the watched directory; -1 for none
     */
    record Queue(int descriptor, int watched) {}

    /** The nanoseconds per tick as a fraction: 1/1 on Intel, 125/3 on Apple's processors. */
    record Timebase(long numerator, long denominator) {

        long nanoseconds(long ticks) {
            return ticks / denominator * numerator + ticks % denominator * numerator / denominator;
        }
    }
}
