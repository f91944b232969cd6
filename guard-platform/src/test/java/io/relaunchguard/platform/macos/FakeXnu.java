package io.relaunchguard.platform.macos;

import com.sun.jna.LastErrorException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.IntConsumer;

/**
 * XNU in memory, as far as its sources tell what it does: its processes exit, become zombies, are reaped, have their pid taken,
 * run another program. A move can be made before every call.
 */
final class FakeXnu implements Xnu {

    static final int EPERM = 1;
    static final int EBADF = 9;

    final Map<Integer, Task> tasks = new TreeMap<>();
    final List<String> delivered = new ArrayList<>();
    final List<Integer> open = new CopyOnWriteArrayList<>();

    /** Called before each call, with its number. */
    IntConsumer before = call -> {};

    boolean signalsExactly = true;

    /** Whether a signal goes to whoever has the pid, as with kill(2). */
    boolean ignoresVersions;

    byte[] hostName = "mac.example\0".getBytes(StandardCharsets.UTF_8);
    byte[] uuid = new byte[16];
    String bootSession = "5B1D5C0E-0000-4000-8000-00000000ABCD";
    long ticks = 24_000_000L;
    Timebase timebase = new Timebase(125, 3);

    /** The numbers of queues that were used after they were closed. */
    final List<Integer> usedClosed = new CopyOnWriteArrayList<>();

    private final Map<Integer, Waiting> queues = new ConcurrentHashMap<>();
    private final Map<Integer, Locked> locks = new HashMap<>();
    private int calls;
    private int lastDescriptor = 100;
    private long lastUniqueId = 1000;
    private int lastVersion = 5000;

    /** A process: the thing itself, whatever becomes of its pid. */
    final class Task {
        final int pid;
        final int parent;
        final long uniqueId = ++lastUniqueId;
        final Map<Integer, String> files = new TreeMap<>();
        int version = ++lastVersion;
        int user = 501;
        int effectiveUser = 501;
        int session = 1;
        int status = 2;
        int flags;
        long start = 1_790_000_000_000_000L + uniqueId;
        long ticksUsed;
        long bytesWritten;
        boolean zombie;
        boolean gone;

        /** Another user's, of which only the outline may be read. */
        boolean hidden;

        Task(int pid, int parent) {
            this.pid = pid;
            this.parent = parent;
        }

        @Override
        public String toString() {
            return pid + "/" + uniqueId;
        }
    }

    private record Locked(String directory, boolean exclusive, DirectoryStream<Path> opened) {}

    private record Waiting(Task task, LinkedBlockingQueue<Boolean> events) {}

    Task start(int pid, int parent) {
        Task task = new Task(pid, parent);
        tasks.put(pid, task);
        return task;
    }

    /** It exits; unless its parent reaps it, it stays a zombie. */
    void exit(Task task, boolean reaped) {
        if (task.gone) {
            return;
        }
        if (!task.zombie) {
            task.zombie = true;
            queues.values().stream()
                    .filter(waiting -> waiting.task() == task)
                    .forEach(waiting -> waiting.events().add(true));
        }
        if (reaped) {
            task.gone = true;
            tasks.remove(task.pid, task);
        }
    }

    /** It runs another program. */
    void exec(Task task) {
        task.version = ++lastVersion;
    }

    /** Something in the watched directories changes. */
    void changeDirectories() {
        queues.values().stream()
                .filter(waiting -> waiting.task() == null)
                .forEach(waiting -> waiting.events().add(true));
    }

    @Override
    public byte[] processInfo(int pid, int flavor, long argument, int size) {
        call();
        Task task = at(pid, argument == 1);
        return switch (flavor) {
            case XnuStructure.ProcBsdInfo.FLAVOR -> details(task);
            case XnuStructure.ProcBsdShortInfo.FLAVOR ->
                Layouts.bytes(
                        "ProcBsdShortInfo",
                        Map.of(
                                "pbsi_pid", task.pid,
                                "pbsi_ppid", task.parent,
                                "pbsi_status", task.status,
                                "pbsi_uid", task.effectiveUser,
                                "pbsi_ruid", task.user,
                                "pbsi_svuid", task.effectiveUser));
            case XnuStructure.ProcUniqueIdentifierInfo.FLAVOR ->
                Layouts.bytes(
                        "ProcUniqueIdentifierInfo", Map.of("p_uniqueid", task.uniqueId, "p_idversion", task.version));
            case XnuStructure.ProcFdInfo.FLAVOR -> files(task, size);
            default -> throw new LastErrorException(22);
        };
    }

    private static byte[] details(Task task) {
        if (task.hidden) {
            throw new LastErrorException(EPERM);
        }
        return Layouts.bytes(
                "ProcBsdInfo",
                Map.of(
                        "pbi_flags", task.flags,
                        "pbi_status", task.status,
                        "pbi_pid", task.pid,
                        "pbi_ppid", task.parent,
                        "pbi_uid", task.effectiveUser,
                        "pbi_ruid", task.user,
                        "pbi_svuid", task.effectiveUser,
                        "pbi_start_tvsec", task.start / 1_000_000,
                        "pbi_start_tvusec", task.start % 1_000_000));
    }

    private static byte[] files(Task task, int size) {
        if (task.hidden) {
            throw new LastErrorException(EPERM);
        }
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        list.writeBytes(Layouts.bytes("ProcFdInfo", Map.of("proc_fd", 0, "proc_fdtype", 2)));
        task.files
                .keySet()
                .forEach(file ->
                        list.writeBytes(Layouts.bytes("ProcFdInfo", Map.of("proc_fd", file, "proc_fdtype", 1))));
        return Arrays.copyOf(list.toByteArray(), Math.min(size, list.size()));
    }

    @Override
    public byte[] fileInfo(int pid, int descriptor, int flavor, int size) {
        call();
        String path = at(pid, false).files.get(descriptor);
        if (path == null) {
            throw new LastErrorException(EBADF);
        }
        return Layouts.bytes("VnodeFdInfoWithPath", Map.of("vip_path", path.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public byte[] usage(int pid, int flavor, int size) {
        call();
        Task task = at(pid, true);
        return Layouts.bytes(
                "RusageInfoV2",
                Map.of(
                        "ri_user_time", task.ticksUsed,
                        "ri_system_time", task.ticksUsed,
                        "ri_diskio_byteswritten", task.bytesWritten));
    }

    @Override
    public String executable(int pid) {
        call();
        at(pid, false);
        return "/private/var/folders/zz/T/AppTranslocation/0F7E/d/App.app/Contents/MacOS/App";
    }

    @Override
    public int[] processes() {
        call();
        return tasks.keySet().stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public int session(int pid) {
        call();
        return at(pid, false).session;
    }

    @Override
    public boolean signalsExactly() {
        return signalsExactly;
    }

    @Override
    public int signal(int pid, int version, int signal) {
        call();
        Task task = tasks.get(pid);
        if (task == null || task.zombie || (task.version != version && !ignoresVersions)) {
            return ESRCH;
        }
        if (task.hidden) {
            return EPERM;
        }
        delivered.add(signal + " to " + task);
        if (signal == 19) {
            task.status = 2;
        }
        return 0;
    }

    @Override
    public Queue exitQueue(int pid) {
        call();
        return queue(at(pid, false));
    }

    @Override
    public Queue directoryQueue(String directory) {
        call();
        return queue(null);
    }

    private Queue queue(Task task) {
        Queue queue = new Queue(++lastDescriptor, -1);
        open.add(queue.descriptor());
        queues.put(queue.descriptor(), new Waiting(task, new LinkedBlockingQueue<>()));
        return queue;
    }

    @Override
    public boolean poll(Queue queue) {
        call();
        return Boolean.TRUE.equals(events(queue).poll());
    }

    @Override
    public boolean await(Queue queue) {
        try {
            return events(queue).take();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void wake(Queue queue) {
        events(queue).add(false);
    }

    @Override
    public void close(Queue queue) {
        events(queue);
        queues.remove(queue.descriptor());
        open.remove((Integer) queue.descriptor());
    }

    /** The number of a closed queue is nobody's, or another's: whoever uses it does wrong, and is remembered. */
    private LinkedBlockingQueue<Boolean> events(Queue queue) {
        Waiting waiting = queues.get(queue.descriptor());
        if (waiting == null) {
            usedClosed.add(queue.descriptor());
            throw new LastErrorException(EBADF);
        }
        return waiting.events();
    }

    @Override
    public int lockDirectory(String directory, int operation) {
        boolean exclusive = (operation & 2) != 0;
        if (locks.values().stream()
                .anyMatch(lock -> lock.directory().equals(directory) && (exclusive || lock.exclusive()))) {
            throw new LastErrorException(EWOULDBLOCK);
        }
        int descriptor = ++lastDescriptor;
        locks.put(descriptor, new Locked(directory, exclusive, opened(directory)));
        open.add(descriptor);
        return descriptor;
    }

    @Override
    public void close(int descriptor) {
        open.remove((Integer) descriptor);
        try {
            Locked locked = locks.remove(descriptor);
            if (locked != null) {
                locked.opened().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Really, so that no other directory has its inode as long as the lock is kept, be that for ever. */
    @SuppressWarnings("StreamResourceLeak") // closed with the descriptor
    private static DirectoryStream<Path> opened(String directory) {
        try {
            return Files.newDirectoryStream(Path.of(directory));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String systemText(String name) {
        if (bootSession == null) {
            throw new LastErrorException(2);
        }
        return bootSession;
    }

    @Override
    public byte[] hostUuid() {
        return uuid;
    }

    @Override
    public byte[] hostName(int size) {
        return hostName;
    }

    @Override
    public long continuousTicks() {
        return ticks;
    }

    @Override
    public Timebase timebase() {
        return timebase;
    }

    @Override
    public String meaning(int errno) {
        return "error " + errno;
    }

    private void call() {
        before.accept(calls++);
    }

    /** As proc_find and, for zombies, proc_find_zombref. */
    private Task at(int pid, boolean zombies) {
        Task task = tasks.get(pid);
        if (task == null || (task.zombie && !zombies)) {
            throw new LastErrorException(ESRCH);
        }
        return task;
    }
}
