package io.relaunchguard.statemachine.page;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.filter.ForwardedHeaderFilter;

/** Who may read the page. */
class LoopbackOnlyFilterTest {

    private final LoopbackOnlyFilter filter = new LoopbackOnlyFilter();
    private final MockHttpServletRequest request = request("GET");

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LocalHost:80", "127.0.0.1:8080", "[::1]", "[::1]:65535"})
    void letsThisMachineReadByALoopbackName(String host) throws Exception {
        request.removeHeader("Host");
        request.addHeader("Host", host);

        assertThat(answer(request)).isEqualTo("let through");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "localhost.evil.example",
                "evil.example:127.0.0.1",
                "127.0.0.1.evil.example",
                "127.0.0.1@evil.example",
                "localhost:80:80",
                "localhost.",
                "192.168.1.7",
                "0.0.0.0",
                "[::]",
                ""
            })
    void refusesWhoAsksForAnotherNameBecauseANameServerMayHaveLedItHere(String host) throws Exception {
        request.removeHeader("Host");
        request.addHeader("Host", host);

        assertThat(answer(request)).isEqualTo("403 Refused: ask for localhost, 127.0.0.1 or [::1].\n");
    }

    @Test
    void refusesARequestWithoutAHostOrWithTwo() throws Exception {
        request.addHeader("Host", "localhost");
        assertThat(answer(request)).startsWith("403");

        request.removeHeader("Host");
        assertThat(answer(request)).startsWith("403");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.255.0.3", "::1", "0:0:0:0:0:0:0:1", "0:0:0:0:0:0:0:1%lo", "[::1]"})
    void knowsEveryLoopbackAddress(String address) throws Exception {
        request.setRemoteAddr(address);
        request.setLocalAddr(address);

        assertThat(answer(request)).isEqualTo("let through");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "192.168.1.7",
                "10.0.0.1",
                "128.0.0.1",
                "1127.0.0.1",
                "127.0.0.1.example",
                "localhost",
                "::2",
                "fe80::1",
                "2001:db8:0:0:0:0:0:1",
                "unknown",
                ""
            })
    void refusesEveryOtherAddressAtEitherEnd(String address) throws Exception {
        request.setRemoteAddr(address);
        assertThat(answer(request)).isEqualTo("403 Refused: this is for this machine only.\n");

        request.setRemoteAddr("127.0.0.1");
        request.setLocalAddr(address);
        assertThat(answer(request)).isEqualTo("403 Refused: this is for this machine only.\n");
    }

    @ParameterizedTest
    @CsvSource({
        "X-Forwarded-For, 127.0.0.1",
        "x-forwarded-host, localhost",
        "X-Forwarded-Proto, http",
        "Forwarded, for=127.0.0.1;host=localhost",
        "X-Real-IP, 127.0.0.1",
        "Via, 1.1 proxy"
    })
    void refusesWhatAProxyPassesOnWhateverItSaysOfItsOrigin(String header, String value) throws Exception {
        request.addHeader(header, value);

        assertThat(answer(request)).isEqualTo("403 Refused: this is not for proxies.\n");
    }

    @Test
    void seesThroughSpringsFilterForForwardedHeaders() throws Exception {
        request.setRemoteAddr("203.0.113.9");
        request.addHeader("X-Forwarded-For", "127.0.0.1");
        request.addHeader("X-Forwarded-Host", "localhost");
        MockHttpServletResponse response = new MockHttpServletResponse();
        String[] seen = new String[1];

        new ForwardedHeaderFilter().doFilter(request, response, (given, answered) -> {
            seen[0] = given.getRemoteAddr();
            filter.doFilter(given, answered, new MockFilterChain());
        });

        assertThat(seen).as("what it pretends").containsExactly("127.0.0.1");
        assertThat(response.getStatus()).isEqualTo(403);
    }

    @Test
    void refusesAnAddressThatAnEarlierFilterFoundToBeRemote() throws Exception {
        ServletRequest rewritten = new HttpServletRequestWrapper(request) {
            @Override
            public String getRemoteAddr() {
                return "203.0.113.9";
            }
        };

        assertThat(answer((HttpServletRequest) rewritten)).startsWith("403");
    }

    @ParameterizedTest
    @CsvSource({
        "Origin, http://evil.example",
        "Origin, null",
        "Origin, https://localhost:8080",
        "Origin, http://localhost:8081",
        "Sec-Fetch-Site, cross-site",
        "Sec-Fetch-Site, same-site"
    })
    void refusesWhatAnotherSiteAsks(String header, String value) throws Exception {
        request.addHeader(header, value);

        assertThat(answer(request)).isEqualTo("403 Refused: another site asks.\n");
    }

    @ParameterizedTest
    @CsvSource({"Origin, http://localhost:8080", "Sec-Fetch-Site, same-origin", "Sec-Fetch-Site, none"})
    void letsItsOwnPageAsk(String header, String value) throws Exception {
        request.addHeader(header, value);

        assertThat(answer(request)).isEqualTo("let through");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
    void refusesEveryMethodThatDoesNotRead(String method) throws Exception {
        assertThat(answer(request(method))).isEqualTo("405 Refused: this can only be read.\n");
        assertThat(answer(request("HEAD"))).isEqualTo("let through");
    }

    private String answer(HttpServletRequest asked) throws IOException, ServletException {
        MockHttpServletResponse response = new MockHttpServletResponse();
        MockFilterChain chain = new MockFilterChain();
        filter.doFilter(asked, response, chain);
        if (chain.getRequest() != null) {
            return "let through";
        }
        assertThat(response.getContentType()).startsWith("text/plain");
        assertThat(response.getHeader("Allow")).isEqualTo(response.getStatus() == 405 ? "GET, HEAD" : null);
        return response.getStatus() + " " + response.getContentAsString();
    }

    private static MockHttpServletRequest request(String method) {
        MockHttpServletRequest request = new MockHttpServletRequest(method, "/relaunch-guard/");
        request.addHeader("Host", "localhost:8080");
        return request;
    }
}
