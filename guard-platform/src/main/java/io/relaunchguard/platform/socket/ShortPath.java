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
 * A path by which a socket can be bound or reached: the kernel takes 107 bytes at most, macOS 103, see unix(7). A longer one is
 * gone by way of a link in a temporary directory of this user's own, which is only needed for the moment of the call.
 */
final class ShortPath implements Closeable {

    /** The longest that is used as it is, in bytes. */
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
     * By way of the first of these directories that will do.
     *
     * @throws IOException if none does
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

    /** Where temporary directories may be made, the usual one first. */
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
