package io.relaunchguard.platform.file;

import io.relaunchguard.core.launch.HistoryStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The history file of a profile, and its predecessor: when the file is full, it replaces the older one.
 *
 * <p>Each line is a record as in RFC 7464, between a record separator and a line feed. It is appended with one write to
 * a file opened with O_APPEND, see open(2). So launchers that write at the same time do not mix their lines on a local
 * file system, and the separator of the next line cancels an incomplete one. {@code jq --seq} reads the file.
 *
 * <p>A pending interrupt has no effect and remains pending.
 */
public final class FileHistoryStore implements HistoryStore {

    /** The name of the current file. */
    static final String FILE_NAME = "RelaunchGuard.history";

    /** The name of the previous file. */
    static final String OLDER_FILE_NAME = "RelaunchGuard.history.1";

    /** The size in bytes from which on a file is full and rotated. */
    static final int FULL = 128 * 1024;

    /** ASCII's record separator, which begins a record; a line feed ends it. */
    private static final char SEPARATOR = '\u001e';

    private static final char END = '\n';

    /** The maximum number of bytes to read from a file: more than a full file and a long line have. */
    private static final int MOST_READ = 8 * FULL;

    /** The maximum number of attempts to read the files when another launcher rotates them meanwhile. */
    private static final int MOST_READINGS = 5;

    /**
     * The monitor to own while a file is open. Closing any descriptor of a file drops this process's record lock on it,
     * see fcntl(2), so no other thread may have the file open while {@link #putAside} has locked it. That is why this
     * is static.
     */
    private static final Object OPEN = new Object();

    private final Path file;
    private final Path older;
    private final ProfileFiles files;

    /** Creates the history of one profile, without accessing any file yet. */
    public FileHistoryStore(Path profile, ProfileFiles files) {
        this.files = files;
        this.file = profile.resolve(FILE_NAME);
        this.older = profile.resolve(OLDER_FILE_NAME);
    }

    @Override
    public void append(String line) {
        if (line.indexOf(END) >= 0 || line.indexOf(SEPARATOR) >= 0) {
            throw new IllegalArgumentException("a line of the history has no line feed and no record separator in it");
        }
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(SEPARATOR + line + END);
        boolean interrupted = Thread.interrupted();
        try {
            synchronized (OPEN) {
                putAsideIfFull();
                write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the history %s cannot be written: %s".formatted(file, e.getMessage()), e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public List<String> lines() {
        boolean interrupted = Thread.interrupted();
        try {
            synchronized (OPEN) {
                return read();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the history %s cannot be read: %s".formatted(file, e.getMessage()), e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Appends the bytes with one write. The rest of an incomplete write is not written later: it would follow another
     * launcher's line.
     */
    private void write(ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        try (FileChannel channel = open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            int written = channel.write(bytes);
            if (written < length) {
                throw new IOException("%d of %d bytes were written".formatted(written, length));
            }
        }
    }

    private void putAsideIfFull() throws IOException {
        // Read the key before the size: a file that replaces this one meanwhile has another key.
        String full = key(file);
        if (isFull()) {
            putAside(full);
        }
    }

    private boolean isFull() throws IOException {
        return look(file).map(BasicFileAttributes::size).orElse(0L) >= FULL;
    }

    /**
     * Rotates the file. Only the launcher that locks the file while it still has its name may rotate it, so each file
     * is rotated once. It must still be full, because a new file may have the key of a deleted one.
     */
    private void putAside(String full) throws IOException {
        try (FileChannel channel = open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock != null && full.equals(key(file)) && isFull()) {
                Files.move(file, older, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (OverlappingFileLockException | NoSuchFileException e) {
            // Another launcher is rotating the file, or has done so.
            return;
        }
    }

    private List<String> read() throws IOException {
        for (int readings = 1; ; readings++) {
            String before = key(file);
            List<String> lines = new ArrayList<>();
            read(older, lines);
            read(file, lines);
            if (before.equals(key(file)) || readings == MOST_READINGS) {
                return lines;
            }
        }
    }

    private void read(Path path, List<String> lines) throws IOException {
        if (look(path).isEmpty()) {
            return;
        }
        try (FileChannel channel = open(path, StandardOpenOption.READ)) {
            long start = Math.max(0, channel.size() - MOST_READ);
            ByteBuffer bytes = ByteBuffer.allocate((int) (channel.size() - start));
            while (bytes.hasRemaining() && channel.read(bytes, start + bytes.position()) > 0) {
                // read(2) may return less than requested
            }
            split(bytes.flip(), lines);
        } catch (NoSuchFileException e) {
            // The file was rotated just now; the caller notices and reads again.
            return;
        }
    }

    private static void split(ByteBuffer bytes, List<String> lines) {
        int start = -1;
        for (int i = 0; i < bytes.limit(); i++) {
            byte found = bytes.get(i);
            if (found == SEPARATOR) {
                start = i + 1;
            } else if (found == END && start >= 0) {
                decode(bytes.slice(start, i - start)).ifPresent(lines::add);
                start = -1;
            }
        }
    }

    private static Optional<String> decode(ByteBuffer line) {
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(line).toString());
        } catch (CharacterCodingException e) {
            // The writer does not follow the format.
            return Optional.empty();
        }
    }

    /**
     * Returns the file's attributes; empty if there is no file. A link, a pipe or a directory in its place is an error.
     */
    private static Optional<BasicFileAttributes> look(Path path) throws IOException {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isRegularFile()) {
                throw new IOException(path + " is not a regular file; remove it");
            }
            return Optional.of(attributes);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Returns what identifies a file whatever its name; the same value each time if there is no file. */
    private String key(Path path) throws IOException {
        try {
            return look(path).isPresent() ? files.identity(path) : "";
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    private FileChannel open(Path path, OpenOption... options) throws IOException {
        Set<OpenOption> all = new HashSet<>(List.of(options));
        all.add(LinkOption.NOFOLLOW_LINKS);
        return FileChannel.open(path, all, files.ownersOnly());
    }
}
