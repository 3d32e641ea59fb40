#include "app/desktop/passphrase_dialog.h"

#include <QtWidgets/QApplication>
#include <QtWidgets/QInputDialog>

#include "app/common/await.h"

namespace app::desktop
{

using core::Result;
using core::net::Secret;

Result<Secret> askPassphrase()
{
    QInputDialog dialog;
    dialog.setWindowTitle(QCoreApplication::translate("app::desktop", "Key file"));
    dialog.setLabelText(QCoreApplication::translate("app::desktop", "Passphrase of the sealed key file"));
    dialog.setTextEchoMode(QLineEdit::Password);
    // The dialog is the only window; its closing is not the program's end.
    const bool quits = QGuiApplication::quitOnLastWindowClosed();
    QGuiApplication::setQuitOnLastWindowClosed(false);
    auto typed = await<Secret>([&dialog](const std::function<void(Result<Secret>)> &done) {
        QObject::connect(&dialog, &QDialog::finished, &dialog, [&dialog, done](int result) {
            QByteArray words = dialog.textValue().toUtf8();
            if (result == QDialog::Accepted && !words.isEmpty())
                done(Secret(std::string_view(words.constData(), static_cast<std::size_t>(words.size()))));
            else
                done(core::fail(core::ErrorCode::Unauthorized, "the passphrase of the sealed key file was not given"));
            words.fill('\0');
        });
        dialog.open();
    });
    QGuiApplication::setQuitOnLastWindowClosed(quits);
    return typed;
}

} // namespace app::desktop
