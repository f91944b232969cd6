package io.relaunchguard.platform.macos;

import com.sun.jna.LastErrorException;
import io.relaunchguard.core.Watch;
import io.relaunchguard.platform.file.Uninterruptibly;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/**
 * Reports changes in a directory through EVFILT_VNODE of kqueue(2), because the JDK's watch service on macOS polls only
 * every few seconds.
 */
final class VnodeWatch implements Watch {

    private final Xnu kernel;
    private final Xnu.Queue queue;
    private final Thread thread;
    private boolean closed;
    private boolean ended;

    private VnodeWatch(Xnu kernel, Xnu.Queue queue, Runnable onChange) {
        this.kernel = kernel;
        this.queue = queue;
        this.thread = new Thread(() -> tell(onChange), "relaunch-guard-directory");
        this.thread.setDaemon(true);
    }

    /**
     * Watches a directory.
     *
     * @throws UncheckedIOException if the directory cannot be watched
     */
    static VnodeWatch of(Xnu kernel, Path directory, Runnable onChange) {
        try {
            VnodeWatch watch = new VnodeWatch(kernel, kernel.directoryQueue(directory.toString()), onChange);
            watch.thread.start();
            return watch;
        } catch (LastErrorException e) {
            throw new UncheckedIOException(new IOException(
                    "%s cannot be watched: %s".formatted(directory, kernel.meaning(e.getErrorCode())), e));
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (!closed && !ended && Thread.currentThread() != thread) {
                kernel.wake(queue);
            }
            closed = true;
        }
        if (Thread.currentThread() != thread) {
            Uninterruptibly.join(thread);
        }
    }

    private void tell(Runnable onChange) {
        try {
            while (!isClosed() && kernel.await(queue)) {
                onChange.run();
            }
        } finally {
            end();
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /**
     * Closes the queue. Only the thread that waits on it may do so: its number may be reused for another file at once.
     */
    private synchronized void end() {
        ended = true;
        kernel.close(queue);
    }
}
