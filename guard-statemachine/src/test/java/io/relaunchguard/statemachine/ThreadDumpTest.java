package io.relaunchguard.statemachine;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("H50")
class ThreadDumpTest {

    @Test
    void saysWhatAThreadWaitsForAndWhoHasIt() throws InterruptedException {
        Object monitor = new Object();
        Thread waiting = new Thread(
                () -> {
                    synchronized (monitor) {
                        monitor.notifyAll();
                    }
                },
                "waits-for-the-monitor");
        String dump;
        synchronized (monitor) {
            waiting.start();
            await().atMost(10, SECONDS).until(() -> waiting.getState() == Thread.State.BLOCKED);
            dump = ThreadDump.take("Why it hung.");
        }
        waiting.join();

        Thread self = Thread.currentThread();
        String object = monitor.getClass().getName() + "@" + Integer.toHexString(System.identityHashCode(monitor));
        assertThat(dump)
                .startsWith("Why it hung.\n")
                .contains("\"waits-for-the-monitor\" #%d BLOCKED, waits for %s, which \"%s\" #%d has\n"
                        .formatted(waiting.getId(), object, self.getName(), self.getId()))
                .containsPattern("    at \\S*ThreadDumpTest\\.saysWhat")
                .contains("    has " + object + "\n")
                .doesNotContain("for ever");
    }

    @Test
    void namesADeadlock() throws Exception {
        ReentrantLock one = new ReentrantLock();
        ReentrantLock other = new ReentrantLock();
        CountDownLatch both = new CountDownLatch(2);
        Thread first = locking(one, other, both);
        Thread second = locking(other, one, both);
        try {
            await().atMost(10, SECONDS)
                    .until(() -> first.getState() == Thread.State.WAITING
                            && second.getState() == Thread.State.WAITING
                            && both.getCount() == 0
                            && one.hasQueuedThread(second)
                            && other.hasQueuedThread(first));

            assertThat(ThreadDump.take(""))
                    .containsPattern("Threads that wait for each other for ever: #(%1$d, #%2$d|%2$d, #%1$d)\n"
                            .formatted(first.getId(), second.getId()));
        } finally {
            first.interrupt();
            second.interrupt();
            first.join();
            second.join();
        }
    }

    @Test
    void isBounded() throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        Thread[] many = new Thread[60];
        for (int i = 0; i < many.length; i++) {
            many[i] = new Thread(() -> deep(90, end), "x".repeat(10_000) + i);
            many[i].start();
        }
        try {
            await().atMost(30, SECONDS).until(() -> {
                for (Thread thread : many) {
                    if (thread.getState() != Thread.State.WAITING) {
                        return false;
                    }
                }
                return true;
            });

            assertThat(ThreadDump.take("")).hasSizeLessThan(600 * 1024).endsWith("\n(There are more threads.)\n");
        } finally {
            end.countDown();
            for (Thread thread : many) {
                thread.join();
            }
        }
    }

    private static void deep(int frames, CountDownLatch end) {
        if (frames > 0) {
            deep(frames - 1, end);
            return;
        }
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Thread locking(ReentrantLock one, ReentrantLock other, CountDownLatch both) {
        Thread thread = new Thread(() -> {
            one.lock();
            try {
                both.countDown();
                both.await();
                other.lockInterruptibly();
                other.unlock();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                one.unlock();
            }
        });
        thread.start();
        return thread;
    }
}
