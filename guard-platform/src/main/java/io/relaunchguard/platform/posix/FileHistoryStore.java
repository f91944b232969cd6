package io.relaunchguard.platform.posix;

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
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The history file of a profile, and the one before it: a full file takes the place of the older one.
 *
 * <p>A line is appended with one write to a file opened with O_APPEND, see open(2), so that launchers that write at the same
 * time do not mix their lines. A line that was left unfinished is cancelled by the next one, and never read.
 */
public final class FileHistoryStore implements HistoryStore {

    /** The file that is written. */
    static final String FILE_NAME = "RelaunchGuard.history";

    /** The one before. */
    static final String OLDER_FILE_NAME = "RelaunchGuard.history.1";

    /** How many bytes a file has before it is put aside. */
    static final int FULL = 128 * 1024;

    /** How much is read of a file: more than a full one and a long line have. */
    private static final int MOST_READ = 8 * FULL;

    /** ASCII's cancel: what precedes it on its line is not to be used. */
    private static final char CANCEL = '\u0018';

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path file;
    private final Path older;

    /** The history of one profile. Nothing is touched yet. */
    public FileHistoryStore(Path profile) {
        this.file = profile.resolve(FILE_NAME);
        this.older = profile.resolve(OLDER_FILE_NAME);
    }

    @Override
    public void append(String line) {
        if (line.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("a line of the history has no line end in it");
        }
        try {
            boolean unfinished = !isMissing() && endsWithinALine();
            if (!isMissing() && Files.size(file) >= FULL) {
                putAside();
            }
            try (FileChannel channel = open(StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                ByteBuffer bytes = StandardCharsets.UTF_8.encode((unfinished ? CANCEL + "\n" : "") + line + "\n");
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the history %s cannot be written".formatted(file), e);
        }
    }

    @Override
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        try {
            read(older, lines);
            read(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException("the history %s cannot be read".formatted(file), e);
        }
        return lines;
    }

    /** Whether there is no such file; a link, a pipe or a directory in its place is an error. */
    private boolean isMissing() throws IOException {
        return isMissing(file);
    }

    private static boolean isMissing(Path path) throws IOException {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isRegularFile()) {
                throw new IOException(path + " is not a regular file");
            }
            return false;
        } catch (NoSuchFileException e) {
            return true;
        }
    }

    private boolean endsWithinALine() throws IOException {
        try (FileChannel channel = open(StandardOpenOption.READ)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            return channel.size() > 0 && channel.read(last, channel.size() - 1) == 1 && last.get(0) != '\n';
        }
    }

    /** The file may have been put aside by another launcher since it was seen to be full: it is looked at again. */
    private void putAside() throws IOException {
        try (FileChannel channel = open(StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock != null && Files.size(file) >= FULL) {
                Files.move(file, older, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (OverlappingFileLockException | NoSuchFileException e) {
            // Another launcher is putting it aside, or has done so.
            return;
        }
    }

    private FileChannel open(OpenOption... options) throws IOException {
        Set<OpenOption> all = new HashSet<>(List.of(options));
        all.add(LinkOption.NOFOLLOW_LINKS);
        return FileChannel.open(file, all, OWNER_ONLY);
    }

    private static void read(Path path, List<String> lines) throws IOException {
        if (isMissing(path)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            long start = Math.max(0, channel.size() - MOST_READ);
            ByteBuffer bytes = ByteBuffer.allocate((int) (channel.size() - start));
            while (bytes.hasRemaining() && channel.read(bytes, start + bytes.position()) > 0) {
                // read(2) may return less than was asked for
            }
            bytes.flip();
            if (start > 0) {
                skipLine(bytes);
            }
            split(bytes, lines);
        }
    }

    private static void skipLine(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (bytes.get() == '\n') {
                return;
            }
        }
    }

    private static void split(ByteBuffer bytes, List<String> lines) {
        int start = bytes.position();
        for (int i = start; i < bytes.limit(); i++) {
            if (bytes.get(i) == '\n') {
                add(bytes.slice(start, i - start), lines);
                start = i + 1;
            }
        }
    }

    private static void add(ByteBuffer line, List<String> lines) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(line).toString();
            if (!text.isEmpty() && text.charAt(text.length() - 1) != CANCEL) {
                lines.add(text);
            }
        } catch (CharacterCodingException e) {
            // Written by nobody who keeps to the format.
            return;
        }
    }
}
