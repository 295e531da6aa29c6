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
login-problem-wait =
    { $seconds ->
        [one] Foram feitas tentativas demais. Aguarde { $seconds } segundo e tente novamente.
       *[other] Foram feitas tentativas demais. Aguarde { $seconds } segundos e tente novamente.
    }
login-problem-busy = Muitas pessoas tentam entrar neste momento. Tente novamente dentro de alguns segundos.
login-problem-out-of-date = Esta página estava desatualizada. Entre novamente. Se esta mensagem aparecer mais de uma vez, permita os cookies deste site.

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
