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
 * The history file of a profile, and the one before it: a full file takes the place of the older one.
 *
 * <p>Each line is a record as RFC 7464 has it, between a record separator and a line feed, and is appended with one write to
 * a file opened with O_APPEND, see open(2): launchers that write at the same time do not mix their lines on a local file
 * system, and a line that was left unfinished is cancelled by the separator of the next one. {@code jq --seq} reads the file.
 *
 * <p>An interrupt that is pending changes nothing and is kept.
 */
public final class FileHistoryStore implements HistoryStore {

    /** The file that is written. */
    static final String FILE_NAME = "RelaunchGuard.history";

    /** The one before. */
    static final String OLDER_FILE_NAME = "RelaunchGuard.history.1";

    /** How many bytes a file has before it is put aside. */
    static final int FULL = 128 * 1024;

    /** ASCII's record separator, and what ends a record. */
    private static final char SEPARATOR = '\u001e';

    private static final char END = '\n';

    /** How much is read of a file: more than a full one and a long line have. */
    private static final int MOST_READ = 8 * FULL;

    /** How often the files are read again because another launcher put one aside meanwhile. */
    private static final int MOST_READINGS = 5;

    /**
     * Held while a file is open: closing any descriptor of a file drops this process's record lock on it, see fcntl(2), so no
     * other thread may have it open while {@link #putAside} has it locked. That is why this is static.
     */
    private static final Object OPEN = new Object();

    private final Path file;
    private final Path older;
    private final ProfileFiles files;

    /** The history of one profile. Nothing is touched yet. */
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

    /** What was not written of a line is not written later: it would stand behind another launcher's line. */
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
        // Before its size: a file that takes its place meanwhile is another one.
        String full = key(file);
        if (isFull()) {
            putAside(full);
        }
    }

    private boolean isFull() throws IOException {
        return look(file).map(BasicFileAttributes::size).orElse(0L) >= FULL;
    }

    /**
     * Whoever has the lock of the file that is still there under its name may put it aside: so each is put aside once. It must
     * still be full, because a new file may have the key of one that is gone.
     */
    private void putAside(String full) throws IOException {
        try (FileChannel channel = open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock != null && full.equals(key(file)) && isFull()) {
                Files.move(file, older, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (OverlappingFileLockException | NoSuchFileException e) {
            // Another launcher is putting it aside, or has done so.
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
                // read(2) may return less than was asked for
            }
            split(bytes.flip(), lines);
        } catch (NoSuchFileException e) {
            // Put aside just now; it is found out and read again.
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
            // Written by nobody who keeps to the format.
            return Optional.empty();
        }
    }

    /** The file, if there is one; a link, a pipe or a directory in its place is an error. */
    private static Optional<BasicFileAttributes> look(Path path) throws IOException {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isRegularFile()) {
                throw new IOException(path + " is not a regular file");
            }
            return Optional.of(attributes);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** What a file is known by whatever its name; of no file the same each time. */
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
