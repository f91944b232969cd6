package io.relaunchguard.platform.file;

import io.relaunchguard.core.Watch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;

/**
 * Reports changes in a directory through the JDK's watch service: inotify(7) on Linux, ReadDirectoryChangesW on
 * Windows. An overflow counts as a change.
 */
public final class DirectoryWatch implements Watch {

    private final WatchService service;
    private final Thread thread;

    private DirectoryWatch(WatchService service, Runnable onChange) {
        this.service = service;
        this.thread = new Thread(() -> tell(onChange), "relaunch-guard-directory");
        this.thread.setDaemon(true);
    }

    /**
     * Watches a directory.
     *
     * @param onChange called on the watch's own thread
     * @throws UncheckedIOException if the directory cannot be watched, for example because the user's inotify instances
     *     are used up
     */
    public static DirectoryWatch of(Path directory, Runnable onChange) {
        try {
            WatchService service = directory.getFileSystem().newWatchService();
            try {
                directory.register(
                        service,
                        StandardWatchEventKinds.ENTRY_CREATE,
                        StandardWatchEventKinds.ENTRY_DELETE,
                        StandardWatchEventKinds.ENTRY_MODIFY);
            } catch (IOException e) {
                service.close();
                throw e;
            }
            DirectoryWatch watch = new DirectoryWatch(service, onChange);
            watch.thread.start();
            return watch;
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be watched: %s".formatted(directory, e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        try {
            service.close();
        } catch (IOException e) {
            // The kernel ends the watch with its descriptor; the thread is a daemon and may stay.
            return;
        }
        if (Thread.currentThread() != thread) {
            Uninterruptibly.join(thread);
        }
    }

    private void tell(Runnable onChange) {
        try {
            WatchKey key;
            do {
                key = service.take();
                key.pollEvents();
                onChange.run();
            } while (key.reset());
        } catch (ClosedWatchServiceException e) {
            // The watch was closed: no more changes are of interest.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
