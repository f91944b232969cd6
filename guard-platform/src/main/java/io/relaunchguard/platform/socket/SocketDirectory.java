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
 * The directory of the socket of a profile. Only this user can enter it, because from the moment of binding a socket is
 * open to everyone whom the permissions of its file admit. Windows has no such permissions; there the profile is as
 * safe as the user's own folder.
 */
final class SocketDirectory {

    /** The name of the directory in the profile. */
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
     * Creates the directory, and removes the socket of an instance that is gone or closing. The process that listens
     * there may still run, but the launcher that has the launch lock and was let through is the profile's instance now.
     *
     * @throws IOException if the directory cannot be used safely
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

    /**
     * Repairs the permissions of this user's directory if others can enter it or its owner cannot, for example after a
     * copy or a chmod(1).
     */
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

    /** Restricts the bound socket to this user, even if the directory is opened to others later. */
    void close() throws IOException {
        if (isPosix()) {
            Files.setPosixFilePermissions(socket(), USED_BY_OWNER);
        }
    }

    /**
     * Returns whether there is a socket.
     *
     * @throws IOException if there is a file that is no socket
     */
    boolean hasSocket() throws IOException {
        try {
            // A socket is "other": no regular file, directory or link. On Windows it is a reparse point, which is
            // "other" too.
            if (!Files.readAttributes(socket(), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther()) {
                throw new IOException(socket() + " is no socket");
            }
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Checks that only this user can enter the directory.
     *
     * @throws IOException if others may
     */
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
