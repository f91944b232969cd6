package io.relaunchguard.platform.socket;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Where the socket of a profile is: in a directory of its own that nobody but this user can enter, because a socket is open to
 * whoever its file's permissions let in from the moment it is bound. Windows has no such permissions; there the profile is as
 * safe as the user's own folder.
 */
final class SocketDirectory {

    /** The directory in the profile. */
    static final String NAME = "RelaunchGuard.second-start";

    private static final Set<PosixFilePermission> ENTERED_BY_OWNER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> USED_BY_OWNER = PosixFilePermissions.fromString("rw-------");

    private final Path directory;

    SocketDirectory(Path profile) {
        this.directory = profile.toAbsolutePath().resolve(NAME);
    }

    Path socket() {
        return directory.resolve("socket");
    }

    /**
     * Makes it, and takes away the socket of an instance that is gone or on its way out. What listens there may still run, but
     * whoever has the launch lock and was let through is the profile's instance now.
     */
    void prepare() throws IOException {
        if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
            if (isPosix()) {
                Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(ENTERED_BY_OWNER));
            } else {
                Files.createDirectory(directory);
            }
        }
        mend();
        requireOwn();
        if (hasSocket()) {
            Files.delete(socket());
        }
    }

    /** One of this user's that others can enter, or its owner cannot, after a copy or a chmod(1) say, is closed to others. */
    private void mend() throws IOException {
        if (isPosix()
                && Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                && Peer.owns(directory)
                && !Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS)
                        .equals(ENTERED_BY_OWNER)) {
            Files.getFileAttributeView(directory, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setPermissions(ENTERED_BY_OWNER);
        }
    }

    /** The socket was bound: nobody but this user may use it, even if the directory is opened one day. */
    void close() throws IOException {
        if (isPosix()) {
            Files.setPosixFilePermissions(socket(), USED_BY_OWNER);
        }
    }

    /** Whether there is a socket. */
    boolean hasSocket() throws IOException {
        try {
            // A socket is neither of the three; on Windows a reparse point, which is "other" too.
            if (!Files.readAttributes(socket(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther()) {
                throw new IOException(socket() + " is no socket");
            }
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Fails unless it is this user's alone. */
    void requireOwn() throws IOException {
        if (!Files.readAttributes(directory, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isDirectory()) {
            throw new NotDirectoryException(directory.toString());
        }
        if (!isPosix()) {
            return;
        }
        if (!Peer.owns(directory)) {
            throw new IOException(directory + " belongs to another user");
        }
        if (!Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS).equals(ENTERED_BY_OWNER)) {
            throw new IOException(directory + "'s permissions are not 0700");
        }
    }

    private boolean isPosix() {
        return directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
