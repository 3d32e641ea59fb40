#include "app/common/environment.h"

#include <cstdlib>
#include <cstring>
#include <string_view>

#include <QtCore/QtGlobal>

namespace app
{

core::net::Secret takeFromEnvironment(const char *name)
{
    char *const text = std::getenv(name);
    if (text == nullptr)
        return {};
    core::net::Secret secret{std::string_view(text)};
    explicit_bzero(text, std::strlen(text));
    qunsetenv(name);
    return secret;
}

} // namespace app
