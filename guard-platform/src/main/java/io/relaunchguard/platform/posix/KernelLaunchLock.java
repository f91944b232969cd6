package io.relaunchguard.platform.posix;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.platform.file.Uninterruptibly;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The launch lock: a POSIX record lock, see fcntl(2), on a file in the profile directory that is created once and never
 * deleted.
 */
public final class KernelLaunchLock implements LaunchLock {

    /** The file that is locked. */
    static final String FILE_NAME = "RelaunchGuard.lock";

    /**
     * The files this JVM has open here, until each is released. Record locks belong to the process: closing any descriptor
     * of a file drops them, so a file must not be opened a second time while it is locked. That is why this is static.
     */
    private static final Map<Object, CompletableFuture<Void>> OPEN = new ConcurrentHashMap<>();

    /** Channels that must stay open, because another class loader's copy of this class has the lock of their file. */
    private static final Queue<FileChannel> KEPT_OPEN = new ConcurrentLinkedQueue<>();

    /** The locks that are had. Whoever has one need not keep a reference: without this the collector would close its channel. */
    private static final Set<FileChannel> HAD = ConcurrentHashMap.newKeySet();

    private final Path profile;
    private final Path file;

    /** The launch lock of one profile. Nothing is touched yet. */
    public KernelLaunchLock(Path profile) {
        this.profile = profile;
        this.file = profile.resolve(FILE_NAME);
    }

    @Override
    public Watch request(Consumer<Observation<Hold>> reply) {
        try {
            createIfMissing();
            Object key = key();
            Held held = Held.now(file, key);
            if (held != null) {
                reply.accept(Observation.seen(held));
                return () -> {};
            }
            Waiter waiter = new Waiter(key, reply);
            waiter.thread.start();
            return waiter;
        } catch (IOException e) {
            reply.accept(Observation.unknown(problem(e)));
            return () -> {};
        }
    }

    @Override
    public Observation<String> probe() {
        try {
            Held held = Held.now(file, key());
            if (held == null) {
                return Observation.absent("another launcher is at work on the profile");
            }
            held.close();
            return Observation.seen("no other launcher is at work");
        } catch (NoSuchFileException e) {
            return Observation.seen("no launcher has been at work yet");
        } catch (IOException e) {
            return Observation.unknown(problem(e));
        }
    }

    @Override
    public Optional<Path> obstacle() {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                        && (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || !Files.isWritable(file))
                ? Optional.of(file)
                : Optional.empty();
    }

    private void createIfMissing() throws IOException {
        if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
            // Some releases of the JDK refuse a link to a directory, see JDK-8294193.
            if (!Files.isDirectory(profile)) {
                Files.createDirectories(
                        profile, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            try {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            } catch (FileAlreadyExistsException another) {
                // Another launcher was first; it is the same file.
                return;
            }
        }
    }

    private Object key() throws IOException {
        return key(file);
    }

    private static Object key(Path file) throws IOException {
        BasicFileAttributes attributes =
                Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isRegularFile()) {
            throw new IOException("%s is not a regular file".formatted(file));
        }
        return Objects.requireNonNull(attributes.fileKey());
    }

    private String problem(IOException e) {
        return "the launch lock %s cannot be used: %s"
                .formatted(file, e instanceof AccessDeniedException ? "permission denied" + owner() : e.getMessage());
    }

    /** A start with sudo leaves files that are root's in a directory that is not. */
    private String owner() {
        try {
            return ", it belongs to "
                    + Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).getName();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    /** The lock, ours. */
    private static final class Held implements Hold {

        private final Object key;
        private final CompletableFuture<Void> released;
        private final FileChannel channel;

        private Held(Object key, CompletableFuture<Void> released, FileChannel channel) {
            this.key = key;
            this.released = released;
            this.channel = channel;
        }

        /** The lock, if it can be had now; else null. */
        static @Nullable Held now(Path file, Object key) throws IOException {
            CompletableFuture<Void> released = new CompletableFuture<>();
            return OPEN.putIfAbsent(key, released) == null ? lock(file, key, released, FileChannel::tryLock) : null;
        }

        /** The lock, as soon as it can be had. */
        static Held await(Path file, Object key) throws IOException, InterruptedException {
            while (true) {
                CompletableFuture<Void> released = new CompletableFuture<>();
                CompletableFuture<Void> before = OPEN.putIfAbsent(key, released);
                if (before == null) {
                    return Objects.requireNonNull(lock(file, key, released, FileChannel::lock));
                }
                try {
                    before.get();
                } catch (ExecutionException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        private static @Nullable Held lock(Path file, Object key, CompletableFuture<Void> released, Locking locking)
                throws IOException {
            FileChannel channel = null;
            Held held = null;
            try {
                channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = locking.lock(channel);
                if (lock != null && !key(file).equals(key)) {
                    throw new IOException("the file was replaced meanwhile");
                }
                held = lock == null ? null : new Held(key, released, channel);
                if (held != null) {
                    HAD.add(channel);
                }
                return held;
            } catch (OverlappingFileLockException e) {
                KEPT_OPEN.add(Objects.requireNonNull(channel));
                channel = null;
                throw new IOException("another part of this program, loaded apart from this one, has it", e);
            } finally {
                if (held == null) {
                    if (channel != null) {
                        channel.close();
                    }
                    forget(key, released);
                }
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                // The descriptor is gone all the same, and the lock with it.
                return;
            } finally {
                HAD.remove(channel);
                forget(key, released);
            }
        }

        private static void forget(Object key, CompletableFuture<Void> released) {
            OPEN.remove(key, released);
            released.complete(null);
        }
    }

    /** Tries to lock a channel; null if another process has the lock. */
    @FunctionalInterface
    private interface Locking {
        @Nullable
        FileLock lock(FileChannel channel) throws IOException;
    }

    /** Waits for the lock on a thread of its own. */
    private final class Waiter implements Watch {

        private final Object key;
        private final Consumer<Observation<Hold>> reply;
        private final Thread thread;
        private boolean cancelled;

        Waiter(Object key, Consumer<Observation<Hold>> reply) {
            this.key = key;
            this.reply = reply;
            this.thread = new Thread(this::await, "relaunch-guard-launch-lock");
            this.thread.setDaemon(true);
        }

        @Override
        public void close() {
            synchronized (this) {
                cancelled = true;
            }
            if (Thread.currentThread() != thread) {
                thread.interrupt();
                Uninterruptibly.join(thread);
            }
        }

        private void await() {
            Observation<Hold> answer;
            try {
                answer = Observation.seen(Held.await(file, key));
            } catch (InterruptedException e) {
                return;
            } catch (IOException e) {
                // Another launcher had it a moment ago, and nothing shows that it is done.
                answer = Observation.absent("another launcher was at work on the profile, and " + problem(e));
            }
            synchronized (this) {
                if (!cancelled) {
                    reply.accept(answer);
                    return;
                }
            }
            answer.toOptional().ifPresent(Hold::close);
        }
    }
}
