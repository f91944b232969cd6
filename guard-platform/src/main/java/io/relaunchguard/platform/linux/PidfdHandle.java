package io.relaunchguard.platform.linux;

import com.sun.jna.LastErrorException;
import io.relaunchguard.core.process.SentSignal;
import io.relaunchguard.core.process.Signal;
import io.relaunchguard.platform.posix.KernelHandle;

/** A process handle by a pidfd. */
final class PidfdHandle implements KernelHandle {

    private final long pid;
    private final int pidfd;
    private final Pidfd kernel;

    PidfdHandle(long pid, int pidfd, Pidfd kernel) {
        this.pid = pid;
        this.pidfd = pidfd;
        this.kernel = kernel;
    }

    @Override
    public boolean hasExited() {
        return kernel.hasExited(pidfd);
    }

    @Override
    public SentSignal send(Signal signal) {
        try {
            kernel.signal(pidfd, number(signal));
            return new SentSignal(signal, pid, SentSignal.Result.DELIVERED, "");
        } catch (LastErrorException e) {
            return e.getErrorCode() == LibC.ESRCH
                    ? new SentSignal(signal, pid, SentSignal.Result.GONE, "")
                    : new SentSignal(signal, pid, SentSignal.Result.REFUSED, kernel.meaning(e.getErrorCode()));
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>The wait is a poll(2).
     */
    @Override
    public ExitWait exitWait() {
        int waker = kernel.waker();
        return new ExitWait() {

            @Override
            public boolean await() {
                return kernel.awaitExit(pidfd, waker);
            }

            @Override
            public void end() {
                kernel.wake(waker);
            }

            @Override
            public void close() {
                kernel.close(waker);
            }
        };
    }

    @Override
    public void close() {
        kernel.close(pidfd);
    }

    /**
     * Returns the number of the signal from signal(7), the same on every architecture that Java runs on except MIPS.
     */
    private static int number(Signal signal) {
        return switch (signal) {
            case TERM -> 15;
            case KILL -> 9;
            case CONT -> 18;
        };
    }
}
