package io.relaunchguard.platform.file;

import io.relaunchguard.core.consent.ThreadDumpStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Thread dumps in the profile, one file for each consent. */
public final class FileThreadDumpStore implements ThreadDumpStore {

    /** The prefix of the file names. */
    static final String PREFIX = "RelaunchGuard.threads.";

    /** The number of dumps to keep. */
    static final int KEPT = 3;

    /** The nonces that are allowed. A nonce is read from a file, so it must not lead to another directory. */
    private static final Pattern NAME = Pattern.compile("[0-9A-Za-z-]{1,64}");

    private final Path profile;
    private final ProfileFiles files;

    private record Dump(Path file, FileTime written) {}

    /** Creates the store of one profile, without accessing any file yet. */
    public FileThreadDumpStore(Path profile, ProfileFiles files) {
        this.profile = profile;
        this.files = files;
    }

    @Override
    public void write(String nonce, String dump) throws IOException {
        Path file = file(nonce).orElseThrow(() -> new IOException("\"%s\" names no file".formatted(nonce)));
        new OwnerOnlyFile(file, "the thread dump", files).writeForThisBoot(dump.getBytes(StandardCharsets.UTF_8));
        deleteAllButTheLast();
    }

    @Override
    public Optional<Path> find(String nonce) {
        return file(nonce)
                .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                .map(Path::toAbsolutePath);
    }

    private Optional<Path> file(String nonce) {
        return NAME.matcher(nonce).matches() ? Optional.of(profile.resolve(PREFIX + nonce)) : Optional.empty();
    }

    /** Deletes all but the newest files, including those that a killed writer has left. */
    private void deleteAllButTheLast() throws IOException {
        List<Dump> dumps = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(profile, PREFIX + "*")) {
            for (Path file : found) {
                dumps.add(new Dump(file, written(file)));
            }
        }
        dumps.sort(Comparator.comparing(Dump::written).reversed());
        for (Dump old : dumps.subList(Math.min(KEPT, dumps.size()), dumps.size())) {
            Files.deleteIfExists(old.file());
        }
    }

    private static FileTime written(Path file) throws IOException {
        try {
            return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            // Another process has just deleted this file as the oldest.
            return FileTime.fromMillis(0);
        }
    }
}
