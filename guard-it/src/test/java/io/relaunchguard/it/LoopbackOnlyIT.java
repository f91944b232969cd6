package io.relaunchguard.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.statemachine.page.PageRoutes;
import io.relaunchguard.statemachine.page.PageView;
import io.relaunchguard.testing.Need;
import io.relaunchguard.testing.Needs;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerResponse;

/** The page of an application that listens on every address, whatever it does with forwarded headers and paths. */
class LoopbackOnlyIT {

    private ConfigurableApplicationContext application;

    @AfterEach
    void close() {
        if (application != null) {
            application.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "native", "framework"})
    @Tag("long")
    void answersThisMachineAndRefusesEveryOtherNameWhateverTheHeadersSay(String strategy) throws IOException {
        start(
                "--server.forward-headers-strategy=" + strategy,
                // As for proxies in a private network, which the default trusts.
                "--server.tomcat.remoteip.internal-proxies=.*");
        InetAddress self = InetAddress.getLoopbackAddress();

        assertThat(ask(self, "GET", "Host: localhost")).startsWith("HTTP/1.1 200");
        assertThat(ask(self, "POST", "Host: localhost")).startsWith("HTTP/1.1 40");
        assertThat(ask(self, "GET", "Host: evil.example")).startsWith("HTTP/1.1 403");
        assertThat(ask(self, "GET", "Host: evil.example", "X-Forwarded-Host: localhost"))
                .startsWith("HTTP/1.1 403");
        assertThat(ask(self, "GET", "Host: localhost", "X-Forwarded-For: 203.0.113.9"))
                .startsWith("HTTP/1.1 403");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "native", "framework"})
    @Needs(Need.OUTER_ADDRESS)
    void refusesWhoeverComesByAnAddressThatOthersReach(String strategy) throws IOException {
        start(
                "--server.forward-headers-strategy=" + strategy,
                // As for proxies in a private network, which the default trusts.
                "--server.tomcat.remoteip.internal-proxies=.*");
        InetAddress outer = outerAddress();

        assertThat(ask(outer, "GET", "Host: localhost")).startsWith("HTTP/1.1 403");
        assertThat(ask(outer, "GET", "Host: localhost", "X-Forwarded-For: 127.0.0.1"))
                .startsWith("HTTP/1.1 403");
        assertThat(ask(outer, "GET", "Host: localhost", "Forwarded: for=127.0.0.1"))
                .startsWith("HTTP/1.1 403");
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(strings = {"--spring.mvc.servlet.path=/app", "--server.servlet.context-path=/app"})
    void refusesAStrangerWhereverTheApplicationHasMappedThePage(String mapping) throws IOException {
        start(mapping);

        assertThat(ask("/app", InetAddress.getLoopbackAddress(), "GET", "Host: localhost"))
                .startsWith("HTTP/1.1 200");
        assertThat(ask("/app", InetAddress.getLoopbackAddress(), "GET", "Host: evil.example"))
                .startsWith("HTTP/1.1 403");
    }

    private void start(String... properties) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.address=0.0.0.0",
                "--server.port=0",
                "--server.shutdown=immediate",
                "--spring.main.banner-mode=off",
                "--relaunch-guard.enabled=false"));
        arguments.addAll(List.of(properties));
        application = SpringApplication.run(Application.class, arguments.toArray(String[]::new));
    }

    private String ask(InetAddress address, String... request) throws IOException {
        return ask("", address, request);
    }

    /** By hand: Java's client would not send another host's name. */
    private String ask(String path, InetAddress address, String... request) throws IOException {
        int port = Integer.parseInt(application.getEnvironment().getProperty("local.server.port"));
        List<String> headers = List.of(request).subList(1, request.length);
        String text = "%s %s%sdata HTTP/1.1\r\n%s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                .formatted(request[0], path, PageRoutes.PATH, String.join("\r\n", headers));
        try (Socket socket = new Socket(address, port)) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static InetAddress outerAddress() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst()
                .orElseThrow();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        @Bean
        RouterFunction<ServerResponse> page() {
            return new PageRoutes(() -> new PageView("test", null, List.of(), null, List.of())).routes();
        }
    }
}
