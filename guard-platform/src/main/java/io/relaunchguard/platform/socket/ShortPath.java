package io.relaunchguard.platform.socket;

import java.io.Closeable;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A path that is short enough to bind or connect a socket: the kernel accepts at most 107 bytes, macOS 103, see
 * unix(7). A longer path is replaced by one through a link in a temporary directory of this user, which is needed only
 * during the call.
 */
final class ShortPath implements Closeable {

    /** The maximum length of a path to use directly, in bytes. */
    static final int MOST_BYTES = 100;

    private final Path path;
    private final @Nullable Path temporary;

    private ShortPath(Path path, @Nullable Path temporary) {
        this.path = path;
        this.temporary = temporary;
    }

    static ShortPath of(Path socket) throws IOException {
        return of(socket, temporaryDirectories(System.getProperty("java.io.tmpdir", "")));
    }

    /**
     * Returns a path through the first of these directories that is usable.
     *
     * @throws IOException if none is
     */
    static ShortPath of(Path socket, List<Path> temporaryDirectories) throws IOException {
        if (isShort(socket)) {
            return new ShortPath(socket, null);
        }
        IOException failure =
                new IOException("the path of the socket is too long, and no temporary directory will do: " + socket);
        for (Path directory : temporaryDirectories) {
            try {
                return by(directory, socket);
            } catch (IOException | UnsupportedOperationException e) {
                failure.addSuppressed(e);
            }
        }
        throw failure;
    }

    /** Returns the parents for temporary directories, the usual one first. */
    static List<Path> temporaryDirectories(String usual) {
        return Stream.of(usual, "/tmp", "/var/tmp", "/dev/shm")
                .filter(name -> !name.isBlank())
                .map(Path::of)
                .distinct()
                .toList();
    }

    private static ShortPath by(Path directory, Path socket) throws IOException {
        Path temporary = Files.createTempDirectory(directory, "rg");
        try {
            Path link = temporary.resolve("d");
            Path path = link.resolve(Objects.requireNonNull(socket.getFileName()));
            if (!isShort(path)) {
                throw new IOException(directory + " is too long itself");
            }
            Files.createSymbolicLink(link, Objects.requireNonNull(socket.getParent()));
            return new ShortPath(path, temporary);
        } catch (IOException | UnsupportedOperationException e) {
            Files.delete(temporary);
            throw e;
        }
    }

    private static boolean isShort(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES;
    }

    UnixDomainSocketAddress address() {
        return UnixDomainSocketAddress.of(path);
    }

    @Override
    public void close() throws IOException {
        if (temporary != null) {
            Files.deleteIfExists(temporary.resolve("d"));
            Files.deleteIfExists(temporary);
        }
    }
}
