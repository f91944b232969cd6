package io.relaunchguard.platform.socket;

import io.relaunchguard.core.Watch;
import io.relaunchguard.core.secondstart.Answer;
import io.relaunchguard.core.secondstart.HandOver;
import io.relaunchguard.core.secondstart.SecondStart;
import io.relaunchguard.core.secondstart.SecondStartCodec;
import io.relaunchguard.core.secondstart.SecondStartPort;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Second starts over a Unix domain socket in the profile. Found by {@link java.util.ServiceLoader}. */
public final class SocketSecondStarts implements SecondStartPort {

    @Override
    public Watch listen(Path profile, Receiver receiver) throws IOException {
        try {
            return SecondStartServer.start(new SocketDirectory(profile), receiver);
        } catch (UnsupportedOperationException | LinkageError e) {
            throw new IOException("this Java has no Unix domain sockets with peer credentials", e);
        }
    }

    @Override
    public HandOver handOver(Path profile, SecondStart start, Duration deadline) {
        Optional<byte[]> request = SecondStartCodec.encode(start);
        if (request.isEmpty()) {
            return new HandOver.Refused("the arguments are longer than %d bytes".formatted(SecondStartCodec.MAX_BYTES));
        }
        SocketDirectory directory = new SocketDirectory(profile);
        try {
            directory.requireOwn();
            if (!directory.hasSocket()) {
                return nobody();
            }
        } catch (NoSuchFileException e) {
            return nobody();
        } catch (IOException e) {
            return new HandOver.Refused(String.valueOf(e.getMessage()));
        }
        try (ShortPath path = ShortPath.of(directory.socket());
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            if (!isConnected(channel, path)) {
                return new HandOver.Unanswered(false, "its queue is full");
            }
            if (!Peer.isThisUser(channel)) {
                return new HandOver.Refused("the instance that listens runs as another user");
            }
            return new Exchange(channel, selector, System.nanoTime() + deadline.toNanos()).run(request.get());
        } catch (ConnectException e) {
            return new HandOver.Nobody("the instance that listened on this profile is gone");
        } catch (IOException | UnsupportedOperationException | LinkageError e) {
            return new HandOver.Nobody("no instance can be reached: " + e.getMessage());
        }
    }

    /** A local connection is made at once, or the instance's queue is full: see connect(2), EAGAIN. */
    private static boolean isConnected(SocketChannel channel, ShortPath path) throws IOException {
        try {
            return channel.connect(path.address());
        } catch (ConnectException e) {
            throw e;
        } catch (SocketException e) {
            return false;
        }
    }

    private static HandOver nobody() {
        return new HandOver.Nobody("no instance listens on this profile");
    }

    /** One request and its answers, until the deadline. */
    private static final class Exchange {

        private final SocketChannel channel;
        private final Selector selector;
        private final long deadline;
        private boolean received;

        Exchange(SocketChannel channel, Selector selector, long deadline) {
            this.channel = channel;
            this.selector = selector;
            this.deadline = deadline;
        }

        HandOver run(byte[] request) {
            try {
                SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
                if (!send(ByteBuffer.wrap(request))) {
                    return late();
                }
                key.interestOps(SelectionKey.OP_READ);
                return answer();
            } catch (IOException e) {
                return new HandOver.Unanswered(received, "the connection broke: " + e.getMessage());
            }
        }

        private boolean send(ByteBuffer rest) throws IOException {
            while (rest.hasRemaining()) {
                if (!await()) {
                    return false;
                }
                try {
                    channel.write(rest);
                } catch (IOException e) {
                    // Whoever refuses does not read to the end; the answer is there all the same.
                    return true;
                }
            }
            return true;
        }

        private HandOver answer() throws IOException {
            ByteBuffer one = ByteBuffer.allocate(1);
            while (await()) {
                one.clear();
                if (channel.read(one) < 0) {
                    return new HandOver.Unanswered(received, "it ended the connection without an answer");
                }
                if (!one.hasRemaining()) {
                    Optional<Answer> answer = Answer.of(one.get(0));
                    if (answer.isEmpty()) {
                        return new HandOver.Refused("what listens there is no instance of this application");
                    }
                    switch (answer.get()) {
                        case RECEIVED -> received = true;
                        case ACCEPTED -> {
                            return new HandOver.Accepted();
                        }
                        case REFUSED -> {
                            return new HandOver.Refused("the running instance does not take it");
                        }
                    }
                }
            }
            return late();
        }

        private HandOver late() {
            return new HandOver.Unanswered(received, "the time for its answer is over");
        }

        /** Whether there is something to do before the deadline. */
        private boolean await() throws IOException {
            long left;
            do {
                left = deadline - System.nanoTime();
                selector.selectedKeys().clear();
            } while (left > 0 && selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left))) == 0);
            return left > 0;
        }
    }
}
