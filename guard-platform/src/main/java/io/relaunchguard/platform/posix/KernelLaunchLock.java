package io.relaunchguard.platform.posix;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.ShellWord;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.platform.file.Uninterruptibly;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The launch lock as a POSIX record lock, see fcntl(2), on a file in the profile directory that is created once and
 * never deleted. Where that file cannot be created, for example because no inode is left, the life lock on the
 * directory itself replaces it.
 *
 * <p>The kernel releases a record lock when its process closes any descriptor of the file, and a new file of the same
 * name has none. So the owner writes its name into the file, and a launcher that creates the file anew looks for an
 * owner of the previous one: see {@link LaunchLockOwners}.
 */
public final class KernelLaunchLock implements LaunchLock {

    /** The name of the lock file. */
    static final String FILE_NAME = "RelaunchGuard.lock";

    /** The name of the lock file for the owner's descendants. */
    static final String INNER_FILE_NAME = "RelaunchGuard.inner.lock";

    private static final String HAD_ON_THE_DIRECTORY = "another part of this program is at work on the profile";

    /** A size in bytes larger than the name of any owner. */
    private static final int LONGEST_NAME = 1024;

    /**
     * How long an owner that is releasing the lock may take, after the kernel's lock has become free, until it has
     * closed the file or ended.
     */
    private static final Duration LETTING_GO = Duration.ofMillis(500);

    /** How long a busy file system may take to write a name. */
    private static final Duration SLOW_FILE_SYSTEM = Duration.ofSeconds(15);

    /**
     * The files that this JVM has open here, until each is released. Record locks belong to the process: closing any
     * descriptor of a file drops them, so a file must not be opened a second time while it is locked. That is why this
     * is static.
     */
    private static final Map<Object, CompletableFuture<Void>> OPEN = new ConcurrentHashMap<>();

    /**
     * Channels that must stay open, because a copy of this class in another class loader has the lock of their file.
     */
    private static final Queue<FileChannel> KEPT_OPEN = new ConcurrentLinkedQueue<>();

    /**
     * The locks in force. Their owners need not keep a reference, and without this one the garbage collector would
     * close the channel.
     */
    private static final Set<FileChannel> HAD = ConcurrentHashMap.newKeySet();

    private final Path profile;
    private final Path file;
    private final LaunchLockOwners owners;
    private final Supplier<Observation<String>> lifeLock;
    private final Duration patience;

    /**
     * Creates the launch lock of one profile, without accessing any file yet.
     *
     * @param lifeLock takes the life lock on the profile directory, which this process keeps until it ends
     */
    public KernelLaunchLock(Path profile, LaunchLockOwners owners, Supplier<Observation<String>> lifeLock) {
        this(profile, owners, lifeLock, SLOW_FILE_SYSTEM);
    }

    /** Creates the launch lock with another timeout for a busy file system. */
    KernelLaunchLock(Path profile, LaunchLockOwners owners, Supplier<Observation<String>> lifeLock, Duration patience) {
        this(profile, FILE_NAME, owners, lifeLock, patience);
    }

    private KernelLaunchLock(
            Path profile,
            String fileName,
            LaunchLockOwners owners,
            Supplier<Observation<String>> lifeLock,
            Duration patience) {
        this.profile = profile;
        this.file = profile.resolve(fileName);
        this.owners = owners;
        this.lifeLock = lifeLock;
        this.patience = patience;
    }

    @Override
    public Watch request(Consumer<Observation<Hold>> reply) {
        if (OPEN.containsKey(file)) {
            reply.accept(Observation.absent(HAD_ON_THE_DIRECTORY));
            return () -> {};
        }
        try {
            if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
                boolean profileIsNew = makeProfile();
                Optional<Long> owner = profileIsNew ? Optional.empty() : owners.ofDeleted(file);
                if (owner.isPresent()) {
                    // Do not create the file either: the next launcher would then no longer look for the owner.
                    reply.accept(stillHad(owner.get()));
                    return () -> {};
                }
                try {
                    create();
                } catch (IOException e) {
                    reply.accept(onTheDirectory(e));
                    return () -> {};
                }
            }
            Object key = key();
            Waiter waiter = new Waiter(key, Held.now(file, key), reply);
            waiter.start();
            return waiter;
        } catch (IOException e) {
            // Nothing proves that no other launcher is at work.
            reply.accept(Observation.absent(problem(e)));
            return () -> {};
        }
    }

    private static Observation<Hold> stillHad(long owner) {
        return Observation.absent(
                "another launcher is at work on the profile: process %d has the launch lock, whose file was deleted"
                        .formatted(owner));
    }

    /**
     * Locks the directory instead of the file. This process keeps the lock until it ends, because no instance record
     * can be written either.
     */
    private Observation<Hold> onTheDirectory(IOException noFile) {
        CompletableFuture<Void> released = new CompletableFuture<>();
        if (OPEN.putIfAbsent(file, released) != null) {
            return Observation.absent(HAD_ON_THE_DIRECTORY);
        }
        Observation<String> kept = lifeLock.get();
        if (kept instanceof Observation.Seen) {
            return Observation.seen(() -> Held.forget(file, released));
        }
        Held.forget(file, released);
        return Observation.absent("%s, and the profile directory cannot be locked instead: %s"
                .formatted(problem(noFile), kept.shortfall()));
    }

    @Override
    public Observation<String> probe() {
        try {
            Held held = Held.now(file, key());
            if (held == null) {
                return Observation.absent("another launcher is at work on the profile");
            }
            try {
                held.requireNotOwned(file, owners);
            } finally {
                held.close();
            }
            return Observation.seen("no other launcher is at work");
        } catch (NoSuchFileException e) {
            return Observation.seen("no launcher has run on this profile yet");
        } catch (Owned e) {
            return Observation.absent(problem(e));
        } catch (IOException e) {
            return Observation.unknown(problem(e));
        }
    }

    @Override
    public Observation<Long> owner() {
        try {
            return Held.owner(file, key(), owners);
        } catch (NoSuchFileException e) {
            return Observation.absent("no launcher has run on this profile yet");
        } catch (IOException e) {
            return Observation.unknown(problem(e));
        }
    }

    @Override
    public Optional<LaunchLock> inner() {
        return owners.self().isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new KernelLaunchLock(profile, INNER_FILE_NAME, owners.untilTheyEnd(), lifeLock, patience));
    }

    @Override
    public Optional<Path> obstacle() {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                        && (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || !Files.isWritable(file))
                ? Optional.of(file)
                : Optional.empty();
    }

    /** Creates the profile directory if necessary, and returns whether it was created. */
    private boolean makeProfile() throws IOException {
        // Some releases of the JDK refuse a link to a directory, see JDK-8294193.
        if (Files.isDirectory(profile)) {
            return false;
        }
        Files.createDirectories(
                profile, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return true;
    }

    private void create() throws IOException {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException another) {
            // Another launcher was first; it is the same file.
            return;
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
        if (e instanceof Owned) {
            return String.valueOf(e.getMessage());
        }
        String reason = e instanceof AccessDeniedException ? "permission denied" + ownerOfFile() : reason(e);
        return "the launch lock %s cannot be used: %s%s"
                .formatted(
                        file,
                        reason,
                        obstacle()
                                .map(path -> ". If no instance runs, remove it: rm %s-- %s"
                                        .formatted(
                                                Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) ? "-r " : "",
                                                ShellWord.quoted(
                                                        path.toAbsolutePath().toString())))
                                .orElse(""));
    }

    private static String reason(IOException e) {
        String reason = e instanceof FileSystemException failed ? failed.getReason() : e.getMessage();
        return reason == null ? e.toString() : reason;
    }

    /**
     * Returns the owner of the file as the end of a sentence. A start with sudo leaves files of root in another user's
     * directory.
     */
    private String ownerOfFile() {
        try {
            return ", it belongs to "
                    + Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).getName();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    /** The lock in this launcher's possession. */
    private static final class Held implements Hold {

        private final Object key;
        private final CompletableFuture<Void> released;
        private final FileChannel channel;

        private Held(Object key, CompletableFuture<Void> released, FileChannel channel) {
            this.key = key;
            this.released = released;
            this.channel = channel;
        }

        /** Returns the lock if it is free now, else null. */
        static @Nullable Held now(Path file, Object key) throws IOException {
            CompletableFuture<Void> released = new CompletableFuture<>();
            return OPEN.putIfAbsent(key, released) == null ? lock(file, key, released, FileChannel::tryLock) : null;
        }

        /** Waits for the lock and returns it. */
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

        /**
         * Returns the PID of the lock's owner, if it is another process. If this process has the lock, opens nothing:
         * closing the file would drop the lock.
         */
        static Observation<Long> owner(Path file, Object key, LaunchLockOwners owners) throws IOException {
            CompletableFuture<Void> looked = new CompletableFuture<>();
            if (OPEN.putIfAbsent(key, looked) != null) {
                return Observation.absent(HAD_ON_THE_DIRECTORY);
            }
            FileChannel channel = null;
            try {
                channel = FileChannel.open(
                        file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                if (channel.tryLock() != null) {
                    return Observation.absent("no other launcher is at work");
                }
                return owners.alive(name(channel), file, key)
                        .map(Observation::seen)
                        .orElseGet(() -> Observation.unknown("the launch lock does not name its owner"));
            } catch (OverlappingFileLockException e) {
                KEPT_OPEN.add(Objects.requireNonNull(channel));
                channel = null;
                return Observation.unknown("another part of this program, loaded apart from this one, has it");
            } finally {
                if (channel != null) {
                    channel.close();
                }
                forget(key, looked);
            }
        }

        private static String name(FileChannel channel) throws IOException {
            ByteBuffer content = ByteBuffer.allocate(LONGEST_NAME);
            channel.read(content, 0);
            return new String(content.array(), 0, content.position(), StandardCharsets.UTF_8);
        }

        private static @Nullable Held lock(Path file, Object key, CompletableFuture<Void> released, Locking locking)
                throws IOException {
            FileChannel channel = null;
            Held held = null;
            try {
                channel = FileChannel.open(
                        file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = locking.lock(channel);
                if (lock != null && !key(file).equals(key)) {
                    throw new IOException("the file was replaced meanwhile");
                }
                if (lock != null) {
                    held = new Held(key, released, channel);
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

        /**
         * Checks that the kernel has not granted the lock while its owner, named in the file, still has it.
         *
         * @throws Owned if the owner has not released the lock
         */
        void requireNotOwned(Path file, LaunchLockOwners owners) throws IOException {
            Optional<Long> owner = owners.alive(name(channel), file, key);
            if (owner.isPresent()) {
                throw new Owned(owner.get());
            }
        }

        /** Writes this owner's name into the file. On a frozen file system this blocks until it thaws. */
        void sign(LaunchLockOwners owners) throws IOException {
            byte[] name = owners.self().getBytes(StandardCharsets.UTF_8);
            if (name.length == 0) {
                return;
            }
            try {
                // In this order, a full disk has room for it.
                channel.write(ByteBuffer.wrap(name), 0);
                channel.truncate(name.length);
            } catch (IOException e) {
                if (!channel.isOpen()) {
                    throw e;
                }
                // The disk is full, but the kernel's lock is in force nevertheless.
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                // The descriptor is closed nevertheless, and the lock released with it.
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

    /** Thrown if the kernel has granted the lock although its owner has not released it. */
    private static final class Owned extends IOException {

        private static final long serialVersionUID = 1L;

        private final long owner;

        Owned(long owner) {
            super(
                    "another launcher is at work on the profile: process %d has the launch lock, which the kernel has dropped"
                            .formatted(owner));
            this.owner = owner;
        }

        /** Waits briefly for the owner to end. */
        void awaitEnd() throws InterruptedException {
            try {
                var unused = ProcessHandle.of(owner)
                        .map(ProcessHandle::onExit)
                        .orElseGet(() -> CompletableFuture.completedFuture(null))
                        .get(LETTING_GO.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException stillThere) {
                // The caller checks again whether the owner has the lock.
            }
        }
    }

    /** An attempt to lock a channel; null if another process has the lock. */
    @FunctionalInterface
    private interface Locking {
        @Nullable
        FileLock lock(FileChannel channel) throws IOException;
    }

    /** A request that waits for the lock, and writes the owner's name, on a thread of its own. */
    private final class Waiter implements Watch {

        private final Object key;
        private final @Nullable Held had;
        private final Consumer<Observation<Hold>> reply;
        private final Thread thread;
        /**
         * What keeps this launcher from the lock once the kernel has granted it; null while it is not granted, and when
         * it is decided.
         */
        private @Nullable String obstacle;

        private boolean closed;

        Waiter(Object key, @Nullable Held had, Consumer<Observation<Hold>> reply) {
            this.key = key;
            this.had = had;
            this.obstacle = had == null ? null : frozen();
            this.reply = reply;
            this.thread = new Thread(this::await, "relaunch-guard-launch-lock");
            this.thread.setDaemon(true);
        }

        void start() {
            try {
                thread.start();
            } catch (Error e) {
                if (had != null) {
                    had.close();
                }
                throw e;
            }
        }

        /**
         * {@inheritDoc}
         *
         * <p>If the lock is granted and only the name is being written, waits for that as long as a busy file system
         * may take.
         */
        @Override
        public void close() {
            if (Thread.currentThread() != thread && isGranted()) {
                Uninterruptibly.join(thread, patience);
            }
            synchronized (this) {
                if (obstacle != null) {
                    // An interrupt or a join would not return before the file system answers.
                    if (!closed) {
                        closed = true;
                        reply.accept(Observation.absent(obstacle));
                    }
                    return;
                }
                closed = true;
            }
            if (Thread.currentThread() != thread) {
                thread.interrupt();
                Uninterruptibly.join(thread);
            }
        }

        private void await() {
            Observation<Hold> answer;
            try {
                answer = signed(had == null ? Held.await(file, key) : had);
            } catch (InterruptedException e) {
                return;
            } catch (IOException e) {
                // Another launcher had the lock a moment ago, and nothing proves that it has finished.
                answer = Observation.absent("another launcher was at work on the profile, and " + problem(e));
            }
            synchronized (this) {
                obstacle = null;
                if (!closed) {
                    reply.accept(answer);
                    return;
                }
            }
            answer.toOptional().ifPresent(Hold::close);
        }

        private Observation<Hold> signed(Held held) throws InterruptedException {
            try {
                if (isWanted(frozen())) {
                    requireNotOwned(held);
                    held.sign(owners);
                }
                return Observation.seen(held);
            } catch (IOException e) {
                held.close();
                return Observation.absent(problem(e));
            } catch (InterruptedException e) {
                held.close();
                throw e;
            }
        }

        private void requireNotOwned(Held held) throws IOException, InterruptedException {
            try {
                held.requireNotOwned(file, owners);
            } catch (Owned e) {
                if (!isWanted(problem(e))) {
                    // The owner's name stays in the file.
                    throw e;
                }
                e.awaitEnd();
                held.requireNotOwned(file, owners);
            }
        }

        private String frozen() {
            return "the launch lock %s cannot be written: its file system does not answer".formatted(file);
        }

        private synchronized boolean isGranted() {
            return obstacle != null && !closed;
        }

        private synchronized boolean isWanted(String unless) {
            if (!closed) {
                obstacle = unless;
            }
            return !closed;
        }
    }
}
