package io.relaunchguard.platform.windows;

import com.sun.jna.Native;
import com.sun.jna.Structure;
import com.sun.jna.platform.win32.Kernel32;
import com.sun.jna.platform.win32.WinBase;
import com.sun.jna.platform.win32.WinDef.DWORD;
import com.sun.jna.platform.win32.WinNT;
import com.sun.jna.platform.win32.WinNT.HANDLE;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * A file or directory that is open for examination only, not for reading or writing, so that it obstructs no other
 * process.
 */
record OpenFile(Path path, HANDLE handle) implements AutoCloseable {

    private static final int SHARE_ALL = WinNT.FILE_SHARE_READ | WinNT.FILE_SHARE_WRITE | WinNT.FILE_SHARE_DELETE;
    private static final int LONGEST_PATH = 32768;

    /** Opens a file or directory and follows links. */
    static OpenFile open(Path path) throws IOException {
        return open(path, 0);
    }

    /** Opens a file or directory; for a link, the link itself. */
    static OpenFile openNoFollow(Path path) throws IOException {
        return open(path, WinNT.FILE_FLAG_OPEN_REPARSE_POINT);
    }

    private static OpenFile open(Path path, int flags) throws IOException {
        HANDLE handle = Kernel32.INSTANCE.CreateFile(
                path.toAbsolutePath().toString(),
                WinNT.FILE_READ_ATTRIBUTES | WinNT.READ_CONTROL,
                SHARE_ALL,
                null,
                WinNT.OPEN_EXISTING,
                // No directory can be opened without this flag.
                WinNT.FILE_FLAG_BACKUP_SEMANTICS | flags,
                null);
        if (WinBase.INVALID_HANDLE_VALUE.equals(handle)) {
            throw failure(path, Native.getLastError());
        }
        return new OpenFile(path, handle);
    }

    /** Returns the serial number of the volume and the ID of the file on it. */
    String identity() throws IOException {
        return identityOf(path, handle);
    }

    static String identityOf(Path path, HANDLE file) throws IOException {
        WinBase.FILE_ID_INFO id = query(path, file, WinBase.FileIdInfo, new WinBase.FILE_ID_INFO());
        byte[] number = new byte[id.FileId.Identifier.length];
        for (int i = 0; i < number.length; i++) {
            number[i] = id.FileId.Identifier[i].byteValue();
        }
        return "%016x:%s".formatted(id.VolumeSerialNumber, HexFormat.of().formatHex(number));
    }

    WinBase.FILE_STANDARD_INFO standard() throws IOException {
        return query(path, handle, WinBase.FileStandardInfo, new WinBase.FILE_STANDARD_INFO());
    }

    WinBase.FILE_BASIC_INFO basic() throws IOException {
        return query(path, handle, WinBase.FileBasicInfo, new WinBase.FILE_BASIC_INFO());
    }

    /** Returns the path, with all links resolved. */
    String finalPath() throws IOException {
        String found = finalPathOf(handle);
        if (found.isEmpty()) {
            throw failure(path, Native.getLastError());
        }
        return found;
    }

    /** Returns the path of an open file; empty if it has none. */
    static String finalPathOf(HANDLE file) {
        char[] found = new char[LONGEST_PATH];
        int length = NativeCalls.MoreKernel32.INSTANCE.GetFinalPathNameByHandle(file, found, found.length, 0);
        return length > 0 && length < found.length ? new String(found, 0, length) : "";
    }

    @Override
    public void close() {
        Kernel32.INSTANCE.CloseHandle(handle);
    }

    static IOException failure(Path path, int error) {
        return switch (error) {
            case NativeCalls.ERROR_FILE_NOT_FOUND, NativeCalls.ERROR_PATH_NOT_FOUND ->
                new NoSuchFileException(path.toString());
            case NativeCalls.ERROR_ACCESS_DENIED -> new AccessDeniedException(path.toString());
            default -> new FileSystemException(path.toString(), null, NativeCalls.meaning(error));
        };
    }

    private static <S extends Structure> S query(Path path, HANDLE file, int kind, S answer) throws IOException {
        if (!Kernel32.INSTANCE.GetFileInformationByHandleEx(
                file, kind, answer.getPointer(), new DWORD(answer.size()))) {
            throw failure(path, Native.getLastError());
        }
        answer.read();
        return answer;
    }
}
