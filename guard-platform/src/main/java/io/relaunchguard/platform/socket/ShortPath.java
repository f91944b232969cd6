package io.relaunchguard.platform.socket;

import java.io.Closeable;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
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
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES) {
            return new ShortPath(socket, null);
        }
        Path temporary = Files.createTempDirectory("rg");
        try {
            Path link = Files.createSymbolicLink(temporary.resolve("d"), Objects.requireNonNull(socket.getParent()));
            return new ShortPath(link.resolve(Objects.requireNonNull(socket.getFileName())), temporary);
        } catch (IOException | UnsupportedOperationException e) {
            Files.delete(temporary);
            throw new IOException("the path of the socket is too long: " + socket, e);
        }
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
