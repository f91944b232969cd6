package io.relaunchguard.platform.macos;

import com.sun.jna.LastErrorException;

/**
 * The calls on the kernel of macOS, and nothing more: what they answer is made sense of elsewhere. Each throws {@link
 * LastErrorException} with the errno, unless it says otherwise. The seam through which everything above runs on any system.
 */
interface Xnu {

    int ESRCH = 3;
    int EWOULDBLOCK = 35;

    /**
     * What proc_pidinfo fills in, at most {@code size} bytes.
     *
     * @param flavor what is asked for, a constant of {@code sys/proc_info.h}
     * @param argument for the flavors used here: 1 finds zombies too, 0 does not
     */
    byte[] processInfo(int pid, int flavor, long argument, int size);

    /** What proc_pidfdinfo fills in for a file of a process. */
    byte[] fileInfo(int pid, int descriptor, int flavor, int size);

    /** What proc_pid_rusage fills in. */
    byte[] usage(int pid, int flavor, int size);

    /** The path of a process's program, as proc_pidpath gives it. */
    String executable(int pid);

    /** The ids of all processes, from proc_listallpids. */
    int[] processes();

    /** The session of a process, from getsid(2). */
    int session(int pid);

    /** Whether this system has proc_signal_with_audittoken: macOS 14.2 and newer. */
    boolean signalsExactly();

    /**
     * proc_signal_with_audittoken: sends a signal to the process that has this id and this version of it, or to nobody.
     *
     * @return 0, or the errno: ESRCH if there is no such process any more
     */
    int signal(int pid, int version, int signal);

    /** A kqueue that tells of the exit of the process with this id; ESRCH if it is about to exit, or is a zombie. */
    Queue exitQueue(int pid);

    /** A kqueue that tells of changes in a directory. */
    Queue directoryQueue(String directory);

    /** Whether what a queue is for has happened since it was last asked. */
    boolean poll(Queue queue);

    /** Waits until it happens, which is true, or until {@link #wake}. */
    boolean await(Queue queue);

    /** Ends a wait. */
    void wake(Queue queue);

    /** Closes a queue and what belongs to it. */
    void close(Queue queue);

    /**
     * Opens a directory and locks it with flock(2); EWOULDBLOCK if somebody has a lock that excludes this one.
     *
     * @return the descriptor that holds the lock
     */
    int lockDirectory(String directory, int operation);

    /** Closes a descriptor. */
    void close(int descriptor);

    /** A text from sysctlbyname. */
    String systemText(String name);

    /** What gethostuuid(2) fills in: 16 bytes. */
    byte[] hostUuid();

    /** What gethostname(2) fills in. */
    byte[] hostName(int size);

    /** mach_continuous_time, which goes on while the machine sleeps, in ticks. */
    long continuousTicks();

    /** What mach_timebase_info says: how many nanoseconds the ticks of the clocks and of processor time are. */
    Timebase timebase();

    /** What an errno means. */
    String meaning(int errno);

    /**
     * A kqueue.
     *
     * @param watched the descriptor of the watched directory; -1 for none
     */
    record Queue(int descriptor, int watched) {}

    /** Nanoseconds as a fraction of ticks: 1/1 on Intel, 125/3 on Apple's processors. */
    record Timebase(long numerator, long denominator) {

        long nanoseconds(long ticks) {
            return ticks / denominator * numerator + ticks % denominator * numerator / denominator;
        }
    }
}
