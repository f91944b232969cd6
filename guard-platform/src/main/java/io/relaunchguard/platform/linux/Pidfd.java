package io.relaunchguard.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.NativeLong;
import java.nio.ByteBuffer;
import java.util.stream.LongStream;

/**
 * The system calls on pidfds: pidfd_open(2), pidfd_send_signal(2), poll(2). Each throws {@link LastErrorException} with
 * the errno. Tests replace this interface to simulate kernels without these calls, and sandboxes that deny them.
 */
interface Pidfd {

    /** Opens a pidfd for the process. */
    int open(int pid);

    /** Sends a signal to the process. */
    void signal(int pidfd, int signal);

    /** Returns whether the process has exited, including zombies: from then on, its pidfd is readable. */
    boolean hasExited(int pidfd);

    /** Creates a descriptor that {@link #wake} makes readable. */
    int waker();

    /** Makes a waker readable. */
    void wake(int waker);

    /** Waits until the process exits or the waker is woken, and returns whether the process has exited. */
    boolean awaitExit(int pidfd, int waker);

    void close(int descriptor);

    /** Returns the text for an errno. */
    String meaning(int errno);

    /** Returns the implementation by the kernel. The native library is loaded on first use. */
    static Pidfd system() {
        return new Kernel();
    }

    /** The implementation by the kernel. */
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
            return poll(0, pidfd);
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
            return poll(FOR_EVER, pidfd, waker);
        }

        @Override
        public void close(int descriptor) {
            LibC.get().close(descriptor);
        }

        @Override
        public String meaning(int errno) {
            return LibC.get().strerror(errno);
        }

        private static int call(long number, long... arguments) {
            NativeLong[] words =
                    LongStream.of(arguments).mapToObj(NativeLong::new).toArray(NativeLong[]::new);
            return LibC.get().syscall(new NativeLong(number), words).intValue();
        }

        /**
         * Waits until any of the descriptors is readable or the time has passed, and returns whether the first one is.
         */
        private static boolean poll(int timeoutMillis, int... descriptors) {
            ByteBuffer polled = LibC.pollfds(descriptors);
            while (true) {
                try {
                    LibC.get().poll(polled, new NativeLong(descriptors.length), timeoutMillis);
                    return isReadable(LibC.revents(polled, 0));
                } catch (LastErrorException e) {
                    if (e.getErrorCode() != LibC.EINTR) {
                        throw e;
                    }
                }
            }
        }

        /** Returns whether a pidfd is readable, which means an exit. Any other event is an error, not an exit. */
        private static boolean isReadable(short events) {
            if (events != 0 && (events & LibC.POLLIN) == 0) {
                throw new IllegalStateException("poll(2) of a pidfd gives %#x".formatted(events));
            }
            return events != 0;
        }
    }
}
