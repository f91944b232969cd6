package io.relaunchguard.platform.linux;

import com.sun.jna.LastErrorException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The kernel, with its calls written down, and able to refuse. */
final class RecordingPidfd implements Pidfd {

    final List<String> calls = new CopyOnWriteArrayList<>();

    /** The errno of every open; 0 for none. */
    int refusal;

    /** The errno of every signal; 0 for none. */
    int signalRefusal;

    /** Whether every process has exited, whatever the kernel says. */
    boolean allExited;

    /** A process that has exited by the time that it has been opened; 0 for none. */
    long exitsOnceOpened;

    private final Set<Integer> exited = ConcurrentHashMap.newKeySet();
    private final Pidfd kernel = Pidfd.system();

    @Override
    public int open(int pid) {
        calls.add("open " + pid);
        if (refusal != 0) {
            throw new LastErrorException(refusal);
        }
        int pidfd = kernel.open(pid);
        if (pid == exitsOnceOpened) {
            exited.add(pidfd);
        }
        return pidfd;
    }

    @Override
    public void signal(int pidfd, int signal) {
        calls.add("signal " + signal);
        if (signalRefusal != 0) {
            throw new LastErrorException(signalRefusal);
        }
        kernel.signal(pidfd, signal);
    }

    @Override
    public boolean hasExited(int pidfd) {
        return allExited || exited.contains(pidfd) || kernel.hasExited(pidfd);
    }

    @Override
    public int waker() {
        return kernel.waker();
    }

    @Override
    public void wake(int waker) {
        kernel.wake(waker);
    }

    @Override
    public boolean awaitExit(int pidfd, int waker) {
        return kernel.awaitExit(pidfd, waker);
    }

    @Override
    public void close(int descriptor) {
        calls.add("close");
        kernel.close(descriptor);
    }

    @Override
    public String meaning(int errno) {
        return kernel.meaning(errno);
    }
}
