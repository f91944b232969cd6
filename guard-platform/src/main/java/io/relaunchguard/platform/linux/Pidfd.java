package io.relaunchguard.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.NativeLong;
import java.util.stream.LongStream;

/**
 * The calls on pidfds: pidfd_open(2), pidfd_send_signal(2), poll(2). Each throws {@link LastErrorException} with the errno.
 * The seam for kernels that have none, or a sandbox that refuses them.
 */
interface Pidfd {

    /** Opens a descriptor of the process. */
    int open(int pid);

    /** Sends a signal to it. */
    void signal(int pidfd, int signal);

    /** Whether the process has exited, zombies included: a pidfd is readable from then on. */
    boolean hasExited(int pidfd);

    /** A descriptor that {@link #wake} makes readable. */
    int waker();

    /** Makes a waker readable. */
    void wake(int waker);

    /** Waits until the process exits or the waker is woken; true if the process has exited. */
    boolean awaitExit(int pidfd, int waker);

    void close(int descriptor);

    /** What an errno means. */
    String meaning(int errno);

    /** The kernel's own. Loads the native library on first use. */
    static Pidfd system() {
        return new Kernel();
    }

    /** The kernel's own. */
    final class Kernel implements Pidfd {

        private static final int FOR_EVER = -1;

        @Override
        public int open(int pid) {
            return call(LibC.SYS_PIDFD_OPEN, pid, 0);
        }

        @Override
        public void signal(int pidfd, int signal) {
            call(LibC.SYS_PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0);
        }

        @Override
        public boolean hasExited(int pidfd) {
            return isReadable(poll(0, pidfd)[0]);
        }

        @Override
        public int waker() {
            return LibC.get().eventfd(0, LibC.EFD_CLOEXEC);
        }

        @Override
        public void wake(int waker) {
            byte[] one = {1, 0, 0, 0, 0, 0, 0, 0};
            LibC.get().write(waker, one, new NativeLong(one.length));
        }

        @Override
        public boolean awaitExit(int pidfd, int waker) {
            return isReadable(poll(FOR_EVER, pidfd, waker)[0]);
        }

        @Override
        public void close(int descriptor) {
            LibC.get().close(descriptor);
        }

        @Override
        public String meaning(int errno) {
            return LibC.get().strerror(errno);
        }

        /** An exit makes a pidfd readable; any other event is an error, and no exit. */
        private static boolean isReadable(LibC.PollFd polled) {
            if (polled.revents != 0 && (polled.revents & LibC.POLLIN) == 0) {
                throw new IllegalStateException("poll(2) of pidfd %d gives %#x".formatted(polled.fd, polled.revents));
            }
            return polled.revents != 0;
        }

        private static int call(long number, long... arguments) {
            NativeLong[] words =
                    LongStream.of(arguments).mapToObj(NativeLong::new).toArray(NativeLong[]::new);
            return LibC.get().syscall(new NativeLong(number), words).intValue();
        }

        private static LibC.PollFd[] poll(int timeoutMillis, int... descriptors) {
            LibC.PollFd[] polled = (LibC.PollFd[]) new LibC.PollFd().toArray(descriptors.length);
            for (int i = 0; i < descriptors.length; i++) {
                polled[i].fd = descriptors[i];
                polled[i].events = LibC.POLLIN;
            }
            while (true) {
                try {
                    LibC.get().poll(polled, new NativeLong(polled.length), timeoutMillis);
                    return polled;
                } catch (LastErrorException e) {
                    if (e.getErrorCode() != LibC.EINTR) {
                        throw e;
                    }
                }
            }
        }
    }
}
