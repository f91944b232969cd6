package io.relaunchguard.platform.file;

import io.relaunchguard.core.Observation;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;

/** What an operating system knows of the files in a profile: by what each is known, whose it is, and who may write it. */
public interface ProfileFiles {

    /** By what a file or directory is known, whatever its name: a copy is known by something else. */
    String identity(Path existing) throws IOException;

    /** With what a file is created that nobody but its owner may write. */
    FileAttribute<?>[] ownersOnly();

    /**
     * Looks at a file, but not through a link.
     *
     * @param subject what it is, for messages, such as "the marker"
     */
    Inspection inspect(Path file, String subject) throws IOException;

    /** Sees to it that a file's new name is still there after a power failure. */
    void keepNames(Path directory) throws IOException;

    /**
     * A file as it was seen.
     *
     * @param state equal to another one only if the file was the same and has not been written since
     * @param trusted absent if it must not be believed, because somebody else may have written it; the detail says why
     */
    record Inspection(Object state, Observation<Path> trusted) {}
}
