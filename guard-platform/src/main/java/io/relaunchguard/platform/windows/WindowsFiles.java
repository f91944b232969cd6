package io.relaunchguard.platform.windows;

import com.sun.jna.Pointer;
import com.sun.jna.platform.win32.AccCtrl;
import com.sun.jna.platform.win32.Advapi32;
import com.sun.jna.platform.win32.Advapi32Util;
import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.Win32Exception;
import com.sun.jna.platform.win32.WinBase;
import com.sun.jna.platform.win32.WinNT;
import com.sun.jna.ptr.PointerByReference;
import io.relaunchguard.core.Observation;
import io.relaunchguard.platform.file.ProfileFiles;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rules of Windows for files: volume and file ID identify a file, owner and access control list decide whether it
 * can be trusted.
 */
final class WindowsFiles implements ProfileFiles {

    private static final int NOT_REGULAR = WinNT.FILE_ATTRIBUTE_REPARSE_POINT | WinNT.FILE_ATTRIBUTE_DIRECTORY;
    private static final int OWNER_AND_LIST = WinNT.OWNER_SECURITY_INFORMATION | WinNT.DACL_SECURITY_INFORMATION;

    private final Supplier<Observation<FileTrust>> trust;

    /**
     * Creates the rules for the files of a profile.
     *
     * @param trust the conditions for a file to be trusted
     */
    WindowsFiles(Supplier<Observation<FileTrust>> trust) {
        this.trust = trust;
    }

    @Override
    public String identity(Path existing) throws IOException {
        try (OpenFile file = OpenFile.open(existing)) {
            return file.identity();
        }
    }

    /**
     * Returns all rights for this user and none for others, whatever the directory would pass on. A user whose account
     * has no name gets the directory's rights; whether those are too wide shows when the file is read, as for any other
     * writer.
     */
    @Override
    public FileAttribute<?>[] ownersOnly() {
        return trust.get().toOptional().flatMap(WindowsFiles::ownList).stream().toArray(FileAttribute<?>[]::new);
    }

    private static Optional<FileAttribute<?>> ownList(FileTrust rules) {
        UserPrincipal user;
        try {
            // With its domain: an account of this machine may have the same name.
            user = FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByName(Advapi32Util.getAccountBySid(rules.account()).fqn);
        } catch (IOException | Win32Exception e) {
            return Optional.empty();
        }
        List<AclEntry> list = List.of(AclEntry.newBuilder()
                .setType(AclEntryType.ALLOW)
                .setPrincipal(user)
                .setPermissions(EnumSet.allOf(AclEntryPermission.class))
                .build());
        return Optional.of(new FileAttribute<List<AclEntry>>() {
            @Override
            public String name() {
                return "acl:acl";
            }

            @Override
            public List<AclEntry> value() {
                return list;
            }
        });
    }

    @Override
    public Inspection inspect(Path path, String subject) throws IOException {
        // That the file does not exist shows without native calls too.
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        try (OpenFile file = OpenFile.openNoFollow(path)) {
            WinBase.FILE_STANDARD_INFO standard = file.standard();
            WinBase.FILE_BASIC_INFO basic = file.basic();
            State state = new State(
                    file.identity(),
                    standard.EndOfFile.getValue(),
                    standard.NumberOfLinks,
                    basic.LastWriteTime.getValue(),
                    basic.FileAttributes,
                    security(file));
            return new Inspection(state, trust.get().flatMap(rules -> judge(path, subject, state, rules)));
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>Does nothing: NTFS has a journal.
     */
    @Override
    public void keepNames(Path directory) {}

    private static Observation<Path> judge(Path path, String subject, State state, FileTrust rules) {
        if ((state.attributes() & NOT_REGULAR) != 0) {
            return Observation.absent(subject + " is not a regular file");
        }
        if (state.links() > 1) {
            return Observation.absent(subject + " has several links");
        }
        String refusal = rules.refusal(state.security());
        return refusal.isEmpty() ? Observation.seen(path) : Observation.absent(subject + " " + refusal);
    }

    private static FileTrust.Security security(OpenFile file) throws IOException {
        PointerByReference owner = new PointerByReference();
        PointerByReference list = new PointerByReference();
        PointerByReference descriptor = new PointerByReference();
        int error = Advapi32.INSTANCE.GetSecurityInfo(
                file.handle(),
                AccCtrl.SE_OBJECT_TYPE.SE_FILE_OBJECT,
                OWNER_AND_LIST,
                owner,
                null,
                list,
                null,
                descriptor);
        if (error != 0) {
            throw OpenFile.failure(file.path(), error);
        }
        try {
            return new FileTrust.Security(
                    Advapi32Util.convertSidToStringSid(new WinNT.PSID(owner.getValue())), entries(list.getValue()));
        } finally {
            Kernel32.INSTANCE.LocalFree(descriptor.getValue());
        }
    }

    private static List<FileTrust.Entry> entries(@Nullable Pointer list) {
        if (list == null) {
            return List.of(FileTrust.Entry.EVERYTHING_TO_EVERYBODY);
        }
        return Stream.of(new WinNT.ACL(list).getACEs())
                .map(entry -> new FileTrust.Entry(
                        entry.AceType,
                        entry.AceFlags,
                        entry instanceof WinNT.ACCESS_ACEStructure access ? access.Mask : 0,
                        entry instanceof WinNT.ACCESS_ACEStructure access ? access.getSidString() : ""))
                .toList();
    }

    /** The state of a file when it was examined. */
    private record State(
            String identity, long size, int links, long written, int attributes, FileTrust.Security security) {}
}
