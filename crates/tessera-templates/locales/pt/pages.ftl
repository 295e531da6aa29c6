# What people read on the pages of Tessera, in Portuguese.

product = Tessera
direction = ltr

username-label = Nome de usuário
password-label = Senha
password-show = Mostrar senha

login-title = Entrar
login-lead = Entre para continuar.
login-client = para continuar em { $client }
login-submit = Entrar
login-problem-wrong-credentials = O nome de usuário e a senha não correspondem. Verifique ambos e tente novamente.
login-passkey = Usar uma chave de acesso
login-problem-wrong-passkey = Esta chave de acesso não pode ser usada aqui. Tente novamente ou entre com a sua senha.
login-problem-ended = O início de sessão demorou demais ou falhou vezes demais. Comece de novo.
login-problem-wait =
    { $seconds ->
        [one] Foram feitas tentativas demais. Aguarde { $seconds } segundo e tente novamente.
       *[other] Foram feitas tentativas demais. Aguarde { $seconds } segundos e tente novamente.
    }
login-problem-busy = Muitas pessoas tentam entrar neste momento. Tente novamente dentro de alguns segundos.
login-problem-out-of-date = Esta página estava desatualizada. Entre novamente. Se esta mensagem aparecer mais de uma vez, permita os cookies deste site.

passkey-problem = Não funcionou. Tente novamente ou escolha outra forma.
passkey-needs-script = As chaves de acesso e as chaves de segurança precisam de JavaScript. Ative o JavaScript ou escolha outra forma.

# One more proof after the first one.
step-title = Mais um passo
step-user = Início de sessão como { $username }.
step-client = Início de sessão como { $username } para continuar em { $client }.
step-passkey = Use a sua chave de acesso ou a sua chave de segurança.
step-totp = Código da sua aplicação de autenticação ou do seu token
step-next-code = O código seguinte do seu token, se não o usa há muito tempo
step-recovery-code = Um dos seus códigos de recuperação
step-password = Senha
step-submit = Continuar
step-use-passkey = Usar uma chave de acesso ou de segurança
step-use-totp = Usar um código da aplicação de autenticação ou do token
step-use-recovery-code = Usar um código de recuperação
step-use-password = Usar a sua senha
step-again = Entrar com outra conta
step-problem-wrong-passkey = Esta chave não pode ser usada aqui. Tente novamente ou escolha outra forma.
step-problem-wrong-code = Este código está errado ou já foi usado. Aguarde o próximo código e tente novamente.
step-problem-wrong-recovery-code = Este código está errado ou já foi usado. Tente outro.
step-problem-wrong-password = Esta senha está errada. Tente novamente.

accounts-title = Escolha uma conta
accounts-continue = Continuar como { $username }
accounts-other = Usar outra conta

consent-title = { $client } quer usar a sua conta
consent-user = Sessão iniciada como { $username }.
consent-other = Usar outra conta
consent-wants = A aplicação quer:
consent-nothing = A aplicação quer apenas confirmar a sua identidade.
consent-problem-out-of-date = Esta página estava desatualizada. Ainda não foi decidido nada.
scope-openid = Confirmar a sua identidade
scope-profile = Ver o seu nome, o seu nome de usuário e outros dados do seu perfil
scope-email = Ver o seu endereço de e-mail
scope-phone = Ver o seu número de telefone
scope-address = Ver o seu endereço postal
scope-groups = Ver os grupos a que pertence
scope-offline-access = Manter este acesso durante a sua ausência
consent-return = Seja qual for a sua escolha, voltará para { $host }.
consent-allow = Permitir
consent-deny = Não permitir

logout-title = Sair?
logout-user = Sessão iniciada como { $username }.
logout-lead = Ao sair, a sua sessão termina aqui e nas aplicações que a usam. As aplicações que podem manter o acesso durante a sua ausência mantêm esse acesso.
logout-submit = Sair
logout-cancel = Cancelar
logout-problem-out-of-date = Esta página estava desatualizada. A sua sessão continua aberta.
logout-now-title = Saída em curso
logout-now-lead = Se nada acontecer, pressione o botão.

logged-out-title = Saiu da sua conta
logged-out-lead = A sua sessão neste navegador terminou. Pode fechar esta janela.
nobody-title = Não há nenhuma sessão aberta aqui
nobody-lead = Este navegador não tem nenhuma sessão para terminar. Se entrou em outro navegador, saia da conta nesse navegador.
logged-out-return = Voltar para { $client }
logged-out-login = Entrar

home-title = A sua conta
home-user = Sessão iniciada como { $username }.
home-applications = Aplicações com acesso à sua conta
home-application-since = desde { $date }
home-none = Nenhuma aplicação tem acesso à sua conta.
home-logout = Sair
home-account = Formas de entrar

account-title = Formas de entrar
account-home = Voltar para a sua conta
account-password = Senha
account-no-password = Definir uma senha
account-added = adicionada em { $date }
account-used = usada pela última vez em { $date }
account-recovery-codes = Códigos de recuperação
account-codes-left =
    { $codes ->
        [0] nenhum restante
        [one] { $codes } restante
       *[other] { $codes } restantes
    }
account-add-passkey = Adicionar uma chave de acesso ou de segurança
account-add-totp = Adicionar uma aplicação de autenticação
account-name-label = Nome
account-cancel = Voltar
account-problem-name = Indique um nome de 1 a 60 caracteres.
account-problem-code = Este código está errado. Aguarde o próximo código da aplicação e tente novamente.
account-problem-taken = Esta chave já está registrada.
account-problem-too-many = Foi atingido o número máximo de formas de entrar. Remova uma primeiro.
account-problem-ceremony = Não funcionou. Tente novamente.
account-problem-last-factor = Esta é a sua última forma de entrar. Adicione outra primeiro.
account-problem-out-of-date = Esta página estava desatualizada. Ainda não foi alterado nada.

passkey-lead = Use o seu telefone, o seu computador ou uma chave de segurança para entrar, com proteção contra phishing.
passkey-submit = Adicionar

totp-lead = Leia esta imagem com a sua aplicação de autenticação e digite o código que a aplicação mostra.
totp-qr = Imagem para a sua aplicação de autenticação
totp-secret = Ou digite esta chave na aplicação:
totp-open = Abrir uma aplicação neste dispositivo
totp-code-label = Código da aplicação
totp-submit = Adicionar

codes-lead = Os códigos de recuperação permitem entrar quando as suas outras formas de entrar se perderam. Cada um funciona uma só vez.
codes-replaced =
    { $codes ->
        [one] Resta { $codes } código. Deixará de funcionar quando criar códigos novos.
       *[other] Restam { $codes } códigos. Deixarão de funcionar quando criar códigos novos.
    }
codes-submit = Criar códigos novos
codes-made = Imprima estes códigos ou anote-os e guarde-os em lugar seguro. Só são mostrados agora.
codes-done = Já guardei os códigos

authenticator-passkey = Chave de acesso
authenticator-security-key = Chave de segurança
authenticator-totp = Aplicação de autenticação
authenticator-fob = Token
authenticator-unknown = Outra forma de entrar
authenticator-rename = Renomear
authenticator-remove = Remover
authenticator-remove-lead = Ao remover, a sua sessão termina em todos os outros lugares.
authenticator-of-organization = Este token pertence à sua organização. Só um administrador o pode remover.

error-bad-request-title = Não é possível ler este pedido
error-bad-request-lead = A aplicação enviou algo que não faz sentido aqui. Volte para a aplicação e tente novamente. Se isso não ajudar, avise os responsáveis pela aplicação.
error-unknown-client-title = Aplicação desconhecida
error-unknown-client-lead = A aplicação de onde veio não está registrada aqui. Verifique se veio do lugar certo e avise os responsáveis pela aplicação.
error-bad-redirect-title = Endereço de retorno desconhecido
error-bad-redirect-lead = A aplicação quer enviar o seu navegador para um endereço que não está registrado para ela. Para sua segurança, o navegador permanece aqui. Avise os responsáveis pela aplicação.
error-bad-redirect-missing = A aplicação não indicou o endereço para onde deve voltar. Avise os responsáveis pela aplicação.
error-bad-redirect-address = O endereço:
error-bad-redirect-register = Os responsáveis por este serviço registram um endereço assim:
error-bad-redirect-localhost = Só http://127.0.0.1 e http://[::1] podem usar qualquer porta. Registre este endereço tal como está ou faça com que a aplicação use http://127.0.0.1.
error-expired-title = Este link já não funciona
error-expired-lead = Nada foi alterado. Volte para a aplicação e comece de novo.
error-cross-site-title = Este formulário não veio daqui
error-cross-site-lead = Nada foi alterado. Volte para a aplicação e comece de novo. Se esta mensagem aparecer outra vez, permita os cookies deste site.
error-not-found-title = Esta página não existe
error-not-found-lead = Verifique o endereço ou volte para a aplicação de onde veio.
error-unavailable-title = Fora de serviço por um momento
error-unavailable-lead =
    { $seconds ->
        [one] Nada se perdeu. Tente novamente dentro de { $seconds } segundo.
       *[other] Nada se perdeu. Tente novamente dentro de { $seconds } segundos.
    }
error-internal-title = Ocorreu um problema
error-internal-lead = A culpa não é sua. Volte e tente novamente. Se isso não ajudar, avise os responsáveis por este serviço.
error-reference = Referência:
error-home = Ir para a página inicial

help-link = Obter ajuda

form-post-title = De volta à aplicação
form-post-lead = O retorno à aplicação está em curso. Se nada acontecer, pressione o botão.
form-post-submit = Continuar
