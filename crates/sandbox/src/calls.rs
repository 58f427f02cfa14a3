//! Which system calls may be made, by the kernel's seccomp. Owns the list of what decoding and encoding needs; all else is answered
//! with "there is no such call", for which libraries have a way out where they merely prefer something newer.
//!
//! A list of what is allowed, because a list of what is forbidden grows old with each kernel. Not on it, among others: every socket, new
//! processes, signals to others, tracing, mounting, kernel programs (bpf), io_uring, keys, userfaultfd, links, names of files, owners and modes.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpArgLen::Dword, SeccompCmpArgLen::Qword, SeccompCmpOp,
    SeccompCondition, SeccompFilter, SeccompRule, TargetArch, apply_filter,
};

use super::Refusal;

/// Memory, open files, threads of its own, time, its own end.
const ALLOWED: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_eventfd2,
    // To become the program itself. Which files are programs is said by the wall of files.
    libc::SYS_execve,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fadvise64,
    libc::SYS_fallocate,
    libc::SYS_fdatasync,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    libc::SYS_futex,
    libc::SYS_get_mempolicy,
    libc::SYS_get_robust_list,
    libc::SYS_getcpu,
    libc::SYS_getcwd,
    libc::SYS_getdents64,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getpgid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getpriority,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_getuid,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_mincore,
    libc::SYS_mlock,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munlock,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_newfstatat,
    libc::SYS_pipe2,
    libc::SYS_ppoll,
    libc::SYS_pread64,
    libc::SYS_preadv,
    libc::SYS_pselect6,
    libc::SYS_pwrite64,
    libc::SYS_pwritev,
    libc::SYS_read,
    libc::SYS_readlinkat,
    libc::SYS_readv,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_getparam,
    libc::SYS_sched_getscheduler,
    libc::SYS_sched_yield,
    libc::SYS_set_mempolicy,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_sigaltstack,
    libc::SYS_statfs,
    libc::SYS_statx,
    libc::SYS_sysinfo,
    libc::SYS_times,
    libc::SYS_umask,
    libc::SYS_uname,
    libc::SYS_write,
    libc::SYS_writev,
];

/// Older forms of the same, which other processors do not have.
#[cfg(target_arch = "x86_64")]
const OLDER: &[i64] = &[
    libc::SYS_access,
    libc::SYS_arch_prctl,
    libc::SYS_dup2,
    libc::SYS_epoll_create,
    libc::SYS_epoll_wait,
    libc::SYS_getdents,
    libc::SYS_getpgrp,
    libc::SYS_getrlimit,
    libc::SYS_lstat,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_readlink,
    libc::SYS_select,
    libc::SYS_stat,
    libc::SYS_time,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[i64] = &[];

/// What may be asked of an open file: copies of it, its flags, locks. Not who gets a signal about it, which could be any process of the
/// same user.
const FILE_COMMANDS: [i32; 12] = [
    libc::F_DUPFD,
    libc::F_DUPFD_CLOEXEC,
    libc::F_GETFD,
    libc::F_SETFD,
    libc::F_GETFL,
    libc::F_SETFL,
    libc::F_GETLK,
    libc::F_SETLK,
    libc::F_SETLKW,
    libc::F_OFD_GETLK,
    libc::F_OFD_SETLK,
    libc::F_OFD_SETLKW,
];

/// Names of threads and of memory; nothing that changes what the process may do. `PR_SET_NAME`, `PR_GET_NAME`, `PR_SET_VMA`.
const PROCESS_OPTIONS: [u64; 3] = [15, 16, 0x5356_4d41];

/// Confines this process, which must have one thread.
pub fn restrict() -> Result<(), Refusal> {
    let program = filter().map_err(|error| Refusal::Calls(error.to_string()))?;
    apply_filter(&program).map_err(|error| Refusal::Calls(error.to_string()))
}

fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED.iter().chain(OLDER).map(|call| (*call, Vec::new())).collect();
    // A thread, never a process. The newer call hides its flags behind a pointer, so it is left out and libraries take this one.
    let thread = u64::from(libc::CLONE_THREAD.unsigned_abs());
    rules.insert(libc::SYS_clone, vec![only(0, Qword, SeccompCmpOp::MaskedEq(thread), thread)?]);
    // A signal to itself, as `abort` sends it. The program keeps this process's number.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, vec![only(0, Dword, SeccompCmpOp::Eq, own)?]);
    // Limits may be read, not set: an administrator could raise them again.
    rules.insert(libc::SYS_prlimit64, vec![only(2, Qword, SeccompCmpOp::Eq, 0)?]);
    let commands = FILE_COMMANDS.map(|command| only(1, Dword, SeccompCmpOp::Eq, u64::from(command.unsigned_abs())));
    rules.insert(libc::SYS_fcntl, commands.into_iter().collect::<Result<_, _>>()?);
    rules.insert(libc::SYS_openat, opening(2)?);
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_open, opening(1)?);
    let options = PROCESS_OPTIONS.map(|option| only(0, Dword, SeccompCmpOp::Eq, option));
    rules.insert(libc::SYS_prctl, options.into_iter().collect::<Result<_, _>>()?);
    let refused = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(rules, refused, SeccompAction::Allow, arch)?.try_into()
}

/// A file is cut to nothing only by somebody who may write it: kernels before 6.2 let a reader do so, and the wall of files there
/// cannot forbid it.
fn opening(flags: u8) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let [cut, access, write, both] =
        [libc::O_TRUNC, libc::O_ACCMODE, libc::O_WRONLY, libc::O_RDWR].map(|flag| u64::from(flag.unsigned_abs()));
    Ok(vec![
        only(flags, Dword, SeccompCmpOp::MaskedEq(cut), 0)?,
        only(flags, Dword, SeccompCmpOp::MaskedEq(access), write)?,
        only(flags, Dword, SeccompCmpOp::MaskedEq(access), both)?,
    ])
}

fn only(
    argument: u8,
    width: SeccompCmpArgLen,
    is: SeccompCmpOp,
    value: u64,
) -> Result<SeccompRule, seccompiler::BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(argument, width, is, value)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_reaches_other_processes_or_machines_is_on_the_list() {
        let forbidden = [
            libc::SYS_socket,
            libc::SYS_socketpair,
            libc::SYS_connect,
            libc::SYS_bind,
            libc::SYS_clone3,
            libc::SYS_kill,
            libc::SYS_tkill,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_pidfd_open,
            libc::SYS_mount,
            libc::SYS_unshare,
            libc::SYS_setns,
            libc::SYS_bpf,
            libc::SYS_io_uring_setup,
            libc::SYS_keyctl,
            libc::SYS_add_key,
            libc::SYS_userfaultfd,
            libc::SYS_perf_event_open,
            libc::SYS_memfd_create,
            libc::SYS_execveat,
            libc::SYS_symlinkat,
            libc::SYS_linkat,
            libc::SYS_renameat2,
            libc::SYS_fchmodat,
            libc::SYS_fchownat,
            libc::SYS_setuid,
            libc::SYS_ioctl,
            libc::SYS_shmget,
            libc::SYS_seccomp,
        ];
        for call in forbidden {
            assert!(!ALLOWED.contains(&call) && !OLDER.contains(&call), "{call}");
        }
        assert!(filter().is_ok());
    }
}
