package io.relaunchguard.platform.file;

import io.relaunchguard.core.Observation;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;

/** An operating system's rules for the files in a profile: their identity, their owner, and who may write them. */
public interface ProfileFiles {

    /** Returns what identifies a file or directory, whatever its name. A copy has another identity. */
    String identity(Path existing) throws IOException;

    /** Returns the attributes with which to create a file that only its owner may write. */
    FileAttribute<?>[] ownersOnly();

    /**
     * Examines a file without following a link.
     *
     * @param subject what the file is, for messages, such as "the marker"
     */
    Inspection inspect(Path file, String subject) throws IOException;

    /** Makes the names in a directory durable, so that a file's new name survives a power failure. */
    void keepNames(Path directory) throws IOException;

    /**
     * The result of examining a file.
     *
     * @param state equal to another state only if the file was the same and has not been written in between
     * @param trusted absent if the file must not be trusted, because another user may have written it; the detail says
     *     why
     */
    record Inspection(Object state, Observation<Path> trusted) {}
}
