package io.relaunchguard.platform.macos;

import com.sun.jna.Structure;

/**
 * The structures of {@code sys/proc_info.h}, {@code sys/resource.h} and {@code sys/event.h} that are read here. JNA
 * computes their layout from the types of the fields; {@code xnu-layouts.csv}, among the tests, has the layout of the
 * headers.
 */
abstract class XnuStructure extends Structure {

    /** Returns the structure, filled with the content from the kernel. */
    static <T extends XnuStructure> T of(T empty, byte[] content) {
        if (content.length < empty.size()) {
            throw new IllegalArgumentException("%s has %d bytes, of which %d came"
                    .formatted(empty.getClass().getSimpleName(), empty.size(), content.length));
        }
        empty.getPointer().write(0, content, 0, empty.size());
        empty.read();
        return empty;
    }

    /** {@code struct proc_bsdinfo}: a process, visible to its own user and root only. */
    @Structure.FieldOrder({
        "pbi_flags", "pbi_status", "pbi_xstatus", "pbi_pid", "pbi_ppid", "pbi_uid", "pbi_gid", "pbi_ruid", "pbi_rgid",
        "pbi_svuid", "pbi_svgid", "rfu_1", "pbi_comm", "pbi_name", "pbi_nfiles", "pbi_pgid", "pbi_pjobc", "e_tdev",
        "e_tpgid", "pbi_nice", "pbi_start_tvsec", "pbi_start_tvusec"
    })
    public static final class ProcBsdInfo extends XnuStructure {

        static final int FLAVOR = 3;
        static final int SIZE = new ProcBsdInfo().size();

        public int pbi_flags;
        public int pbi_status;
        public int pbi_xstatus;
        public int pbi_pid;
        public int pbi_ppid;
        public int pbi_uid;
        public int pbi_gid;
        public int pbi_ruid;
        public int pbi_rgid;
        public int pbi_svuid;
        public int pbi_svgid;
        public int rfu_1;
        public byte[] pbi_comm = new byte[16];
        public byte[] pbi_name = new byte[32];
        public int pbi_nfiles;
        public int pbi_pgid;
        public int pbi_pjobc;
        public int e_tdev;
        public int e_tpgid;
        public int pbi_nice;
        public long pbi_start_tvsec;
        public long pbi_start_tvusec;
    }

    /** {@code struct proc_bsdshortinfo}: a process, visible to all users. */
    @Structure.FieldOrder({
        "pbsi_pid",
        "pbsi_ppid",
        "pbsi_pgid",
        "pbsi_status",
        "pbsi_comm",
        "pbsi_flags",
        "pbsi_uid",
        "pbsi_gid",
        "pbsi_ruid",
        "pbsi_rgid",
        "pbsi_svuid",
        "pbsi_svgid",
        "pbsi_rfu"
    })
    public static final class ProcBsdShortInfo extends XnuStructure {

        static final int FLAVOR = 13;
        static final int SIZE = new ProcBsdShortInfo().size();

        public int pbsi_pid;
        public int pbsi_ppid;
        public int pbsi_pgid;
        public int pbsi_status;
        public byte[] pbsi_comm = new byte[16];
        public int pbsi_flags;
        public int pbsi_uid;
        public int pbsi_gid;
        public int pbsi_ruid;
        public int pbsi_rgid;
        public int pbsi_svuid;
        public int pbsi_svgid;
        public int pbsi_rfu;
    }

    /** {@code struct proc_uniqidentifierinfo}: the unique identity of a process since boot, visible to all users. */
    @Structure.FieldOrder({
        "p_uuid",
        "p_uniqueid",
        "p_puniqueid",
        "p_idversion",
        "p_orig_ppidversion",
        "p_reserve2",
        "p_reserve3"
    })
    public static final class ProcUniqueIdentifierInfo extends XnuStructure {

        static final int FLAVOR = 17;
        static final int SIZE = new ProcUniqueIdentifierInfo().size();

        public byte[] p_uuid = new byte[16];
        public long p_uniqueid;
        public long p_puniqueid;
        public int p_idversion;
        public int p_orig_ppidversion;
        public long p_reserve2;
        public long p_reserve3;
    }

    /** {@code struct proc_fdinfo}: one open file in the list of a process. */
    @Structure.FieldOrder({"proc_fd", "proc_fdtype"})
    public static final class ProcFdInfo extends XnuStructure {

        static final int FLAVOR = 1;
        static final int SIZE = new ProcFdInfo().size();

        /** PROX_FDTYPE_VNODE: a file or directory. */
        static final int VNODE = 1;

        public int proc_fd;
        public int proc_fdtype;
    }

    /** {@code struct vnode_fdinfowithpath}: an open file or directory. */
    @Structure.FieldOrder({
        "fi_openflags",
        "fi_status",
        "fi_offset",
        "fi_type",
        "fi_guardflags",
        "vi_stat",
        "vi_type",
        "vi_pad",
        "vi_fsid",
        "vip_path"
    })
    public static final class VnodeFdInfoWithPath extends XnuStructure {

        static final int FLAVOR = 2;
        static final int SIZE = new VnodeFdInfoWithPath().size();

        public int fi_openflags;
        public int fi_status;
        public long fi_offset;
        public int fi_type;
        public int fi_guardflags;

        /** {@code struct vinfo_stat}, 136 bytes that are not read. */
        public long[] vi_stat = new long[17];

        public int vi_type;
        public int vi_pad;
        public int[] vi_fsid = new int[2];
        public byte[] vip_path = new byte[1024];
    }

    /** {@code struct rusage_info_v2}: the resource usage of a process; times in ticks of the Mach clock. */
    @Structure.FieldOrder({
        "ri_uuid",
        "ri_user_time",
        "ri_system_time",
        "ri_pkg_idle_wkups",
        "ri_interrupt_wkups",
        "ri_pageins",
        "ri_wired_size",
        "ri_resident_size",
        "ri_phys_footprint",
        "ri_proc_start_abstime",
        "ri_proc_exit_abstime",
        "ri_child",
        "ri_diskio_bytesread",
        "ri_diskio_byteswritten"
    })
    public static final class RusageInfoV2 extends XnuStructure {

        static final int FLAVOR = 2;
        static final int SIZE = new RusageInfoV2().size();

        public byte[] ri_uuid = new byte[16];
        public long ri_user_time;
        public long ri_system_time;
        public long ri_pkg_idle_wkups;
        public long ri_interrupt_wkups;
        public long ri_pageins;
        public long ri_wired_size;
        public long ri_resident_size;
        public long ri_phys_footprint;
        public long ri_proc_start_abstime;
        public long ri_proc_exit_abstime;

        /** The six fields on its children. */
        public long[] ri_child = new long[6];

        public long ri_diskio_bytesread;
        public long ri_diskio_byteswritten;
    }

    /** {@code struct kevent}. */
    @Structure.FieldOrder({"ident", "filter", "flags", "fflags", "data", "udata"})
    public static final class Kevent extends XnuStructure {

        public long ident;
        public short filter;
        public short flags;
        public int fflags;
        public long data;
        public long udata;

        Kevent() {}

        Kevent(long ident, short filter, int flags, int fflags) {
            this.ident = ident;
            this.filter = filter;
            this.flags = (short) flags;
            this.fflags = fflags;
        }
    }
}
