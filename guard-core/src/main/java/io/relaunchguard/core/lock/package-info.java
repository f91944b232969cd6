/**
 * The browser lock, the instance record, and the rules that decide whether the profile is free.
 *
 * <p>{@link io.relaunchguard.core.lock.SingletonLock} is Chromium's own lock,
 * {@link io.relaunchguard.core.lock.InstanceRecord} the guard's record of the instance that it let through last.
 * {@link io.relaunchguard.core.lock.LockOrigin} and {@link io.relaunchguard.core.lock.LockMaker} tell from the record
 * what became of the process that created a lock, and {@link io.relaunchguard.core.lock.CacheStatus} is the resulting
 * judgement; all of these are pure. {@link io.relaunchguard.core.lock.LockStore} and
 * {@link io.relaunchguard.core.lock.InstanceRecordStore} are the ports to both files. The guard's launch lock is in
 * {@code io.relaunchguard.core.launch}.
 */
@NullMarked
package io.relaunchguard.core.lock;

import org.jspecify.annotations.NullMarked;
